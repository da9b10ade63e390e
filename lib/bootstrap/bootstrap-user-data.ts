import * as crypto from 'crypto';
import { Fn, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { ConstructError, atConstruct } from '../construct-error';
import type { NodeOs } from '../nodes/node-os';
import { NodeOsFamily } from '../nodes/node-os-props';
import { DEPLOY_TIME_VALUES_MARK } from '../values/deploy-time-values';
import { resolvedSize } from './resolved-size';
import { ADDED_COMMANDS_MARK, StageZero } from './stage-zero';
import { UserDataBudget, UserDataPart } from './user-data-budget';

const NOT_FOR_EC2LAUNCH = /[^\t\r\n -~]|<\/?(?:powershell|script|persist|powershellArguments|runAsLocalSystem|detach)>/i;

/**
 * UserData of a node: stage 0, and in it the commands that users add. It stores them, and the runner starts them once, when
 * the node is ready.
 *
 * @internal
 */
export class BootstrapUserData extends ec2.UserData {
  // Knows how to write the commands of ec2.UserData for bash and for PowerShell.
  private readonly added: ec2.UserData;
  private readonly commands: string[] = [];
  private readonly stageZero: StageZero;
  private readonly family: NodeOsFamily;

  public constructor(
    private readonly node: IConstruct,
    private readonly os: NodeOs,
    private readonly makeStageZero: (withCommands: boolean) => StageZero,
    private readonly valueLines: readonly string[],
  ) {
    super();
    this.family = os.family;
    this.stageZero = this.renderStageZero(false);
    this.added = this.family === NodeOsFamily.LINUX ? ec2.UserData.forLinux({ shebang: '' }) : ec2.UserData.forWindows();
  }

  public addCommands(...commands: string[]): void {
    this.commands.push(...commands);
    this.added.addCommands(...commands);
  }

  public addOnExitCommands(...commands: string[]): void {
    throw this.unsupported('addOnExitCommands', commands.join('; '));
  }

  public addS3DownloadCommand(params: ec2.S3DownloadOptions): string {
    if (this.family === NodeOsFamily.LINUX && this.os.distribution !== 'amazonlinux') {
      throw new ConstructError(
        'UnsupportedUserData',
        `expected a system whose images have the AWS CLI for addS3DownloadCommand (${params.bucketKey}), got ${this.os.name}; download in setup_user_customization with 'aws_api s3 BUCKET/KEY >FILE', or add the command for what your image has with addCommands`,
        this.node,
      );
    }
    const before = this.commands.length;
    const path = this.added.addS3DownloadCommand(params);
    this.commands.splice(before, 0, `download of ${params.bucketKey}`);
    return path;
  }

  public addExecuteFileCommand(params: ec2.ExecuteFileOptions): void {
    this.commands.push(`execution of ${params.filePath}`);
    this.added.addExecuteFileCommand(params);
  }

  public addSignalOnExitCommand(): void {
    throw this.unsupported('addSignalOnExitCommand', 'the node signals its own readiness');
  }

  public render(): string {
    const script = this.currentStageZero()
      .text.replace(DEPLOY_TIME_VALUES_MARK, () => this.valueLines.join('\n'))
      .replace(ADDED_COMMANDS_MARK, () => this.storedCommands());
    return this.family === NodeOsFamily.LINUX ? script : `<powershell>\n${script}\n</powershell>\n<persist>true</persist>\n`;
  }

  /** What the UserData takes of the limit. */
  public budget(stack: Stack): UserDataBudget {
    const part = (name: string, text: string): UserDataPart => ({ name, ...resolvedSize(stack, text) });
    const templates = this.currentStageZero().parts.map(({ template, bytes }) => ({ name: template, bytes, worstCaseBytes: bytes }));
    const stored = (command: string) => (this.family === NodeOsFamily.LINUX ? command : Fn.base64(command));
    const commands = this.commands.map((command) => part(`command '${firstWords(command)}'`, stored(command)));
    return UserDataBudget._of(resolvedSize(stack, this.render()), [
      ...templates,
      part('deploy-time values', this.valueLines.join('\n')),
      ...commands,
    ]);
  }

  private currentStageZero(): StageZero {
    return this.commands.length === 0 ? this.stageZero : this.renderStageZero(true);
  }

  private renderStageZero(withCommands: boolean): StageZero {
    const stageZero = atConstruct(this.node, () => this.makeStageZero(withCommands));
    const odd = this.family === NodeOsFamily.WINDOWS ? NOT_FOR_EC2LAUNCH.exec(stageZero.text) : null;
    if (odd !== null) {
      throw new ConstructError(
        'UnsupportedUserData',
        `expected a stage 0 of ASCII characters, in which no tag of EC2Launch stands, got ${JSON.stringify(odd[0])} in line ${stageZero.text.slice(0, odd.index).split('\n').length}; the agent chooses the encoding, and reads tags wherever they stand`,
        this.node,
      );
    }
    return stageZero;
  }

  private unsupported(method: string, detail: string): Error {
    return new ConstructError(
      'UnsupportedUserData',
      `expected commands through addCommands, got ${method} (${detail}), which would take the place of the bootstrap's own exit handling; use setup_user_customization`,
      this.node,
    );
  }

  /** As stage 0 writes them down: a here-document on Linux, base64 on Windows. */
  private storedCommands(): string {
    const text = this.added.render();
    if (this.family === NodeOsFamily.WINDOWS) {
      return Fn.base64(text.replace(/^<powershell>/, '').replace(/<\/powershell>$/, ''));
    }
    const commands = text.replace(/^\n/, '');
    const end = endMark(commands);
    return `<<'${end}'\n${commands}\n${end}`;
  }
}

/** A line that no text has which it is made of. Tokens are numbered as an app goes: they count by their places alone. */
function endMark(commands: string): string {
  const text = Tokenization.reverseString(commands)
    .mapTokens({ mapToken: () => '\0' })
    .join({ join: (left: string, right: string) => `${left}${right}` }) as string | undefined;
  return `END_${crypto
    .createHash('sha256')
    .update(text ?? '')
    .digest('hex')
    .slice(0, 16)}`;
}

function firstWords(command: string): string {
  const line = Token.isUnresolved(command) ? 'with tokens' : command.trim().split('\n', 1)[0];
  return line.length > 40 ? `${line.slice(0, 37)}...` : line;
}
