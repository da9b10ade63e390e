import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { NodeOsFamily } from '../nodes/node-os-props';
import { TemplatePart } from '../templates/renderer';
import { resolvedSize } from './resolved-size';
import { UserDataBudget, UserDataPart } from './user-data-budget';

/**
 * Stage 0 as it was rendered, split where the deploy-time values go.
 *
 * @internal
 */
export interface StageZero {
  readonly before: string;
  readonly after: string;
  /** Rendered bytes by template. */
  readonly parts: readonly TemplatePart[];
}

/**
 * UserData of a node: stage 0, then the commands that users add, which run when the bootstrap has ended well.
 *
 * @internal
 */
export class BootstrapUserData extends ec2.UserData {
  // Knows how to write the commands of ec2.UserData for bash and for PowerShell.
  private readonly added: ec2.UserData;
  private readonly commands: string[] = [];

  public constructor(
    private readonly family: NodeOsFamily,
    private readonly stageZero: StageZero,
    private readonly valueLines: readonly string[],
  ) {
    super();
    this.added = family === NodeOsFamily.LINUX ? ec2.UserData.forLinux({ shebang: '' }) : ec2.UserData.forWindows();
  }

  public addCommands(...commands: string[]): void {
    this.commands.push(...commands);
    this.added.addCommands(...commands);
  }

  public addOnExitCommands(...commands: string[]): void {
    throw unsupported('addOnExitCommands', commands.join('; '));
  }

  public addS3DownloadCommand(params: ec2.S3DownloadOptions): string {
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
    throw unsupported('addSignalOnExitCommand', 'the node signals its own readiness');
  }

  public render(): string {
    const lines = this.stageZero.before + this.valueLines.join('\n') + this.stageZero.after;
    if (this.family === NodeOsFamily.LINUX) {
      return this.commands.length === 0 ? lines : `${lines}\n${this.addedText()}\n`;
    }
    const body = this.commands.length === 0 ? lines : `${lines}\n${this.addedText()}`;
    return `<powershell>\n${body}\n</powershell>\n<persist>true</persist>\n`;
  }

  /** What the UserData takes of the limit. */
  public budget(stack: Stack): UserDataBudget {
    const part = (name: string, text: string): UserDataPart => ({ name, ...resolvedSize(stack, text) });
    const templates = this.stageZero.parts.map(({ template, bytes }) => ({ name: template, bytes, worstCaseBytes: bytes }));
    const commands = this.commands.map((command) => part(`command '${firstWords(command)}'`, command));
    return UserDataBudget._of(resolvedSize(stack, this.render()), [
      ...templates,
      part('deploy-time values', this.valueLines.join('\n')),
      ...commands,
    ]);
  }

  private addedText(): string {
    const text = this.added.render();
    return this.family === NodeOsFamily.LINUX ? text.trimStart() : text.replace(/^<powershell>/, '').replace(/<\/powershell>$/, '');
  }
}

function firstWords(command: string): string {
  const line = Token.isUnresolved(command) ? 'with tokens' : command.trim().split('\n', 1)[0];
  return line.length > 40 ? `${line.slice(0, 37)}...` : line;
}

function unsupported(method: string, detail: string): Error {
  return new Error(
    `expected commands through addCommands, got ${method} (${detail}), which would take the place of the bootstrap's own exit handling; use setup_user_customization`,
  );
}
