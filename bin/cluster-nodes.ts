import { Command, CommanderError } from 'commander';
import { libraryVersion } from '../lib/library-version';
import { CommandError } from './commands/command-error';
import { EXIT, EXIT_TABLE, PREFIX, withPrefix } from './commands/exit-status';

/** Codes of the library's errors that only the value of an option can cause. */
const USAGE_CODES: ReadonlySet<unknown> = new Set(['NoSuchDirectory', 'NoTemplates']);

/* eslint-disable @typescript-eslint/no-require-imports -- each is loaded when it is asked for */
/** Those that compose clusters need the CDK; whoever operates desktops may not have it. */
const COMMANDS: { readonly [name: string]: () => Command } = {
  render: () => (require('./commands/render') as typeof import('./commands/render')).renderCommand(),
  'render-template': () => (require('./commands/render-template') as typeof import('./commands/render-template')).renderTemplateCommand(),
  budget: () => (require('./commands/budget') as typeof import('./commands/budget')).budgetCommand(),
  image: () => (require('./commands/image') as typeof import('./commands/image')).imageCommand(),
  session: () => (require('./commands/session') as typeof import('./commands/session')).sessionCommand(),
};
/* eslint-enable @typescript-eslint/no-require-imports */

function loaded(name: string): Command {
  try {
    return COMMANDS[name]();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' || !/'(aws-cdk-lib|constructs)[/']/.test(message)) throw error;
    // Helped and listed as the others are.
    return new Command(name)
      .description('needs the npm packages aws-cdk-lib and constructs')
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw new CommandError(
          `${name} needs the npm packages aws-cdk-lib and constructs, which are not installed; run: npm install aws-cdk-lib constructs`,
          EXIT.FAILED,
        );
      });
  }
}

/** Runs the command. Resolves to its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('cluster-nodes')
    .description('Look at what runs on cluster nodes, operate virtual desktops, and build images.')
    .version(libraryVersion())
    .addHelpText('after', EXIT_TABLE);
  const wanted = Object.keys(COMMANDS).filter((name) => name === args[0]);
  (wanted.length > 0 ? wanted : Object.keys(COMMANDS)).forEach((name) => program.addCommand(loaded(name)));
  withoutExit(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.DONE;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version come as errors of status 0; the message has been printed.
      return error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE;
    }
    process.stderr.write(`${PREFIX}${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof CommandError) return error.exitCode;
    return USAGE_CODES.has((error as { code?: unknown }).code) ? EXIT.USAGE : EXIT.FAILED;
  }
}

function withoutExit(command: Command): void {
  command.exitOverride();
  command.configureOutput({ outputError: (text, write) => write(withPrefix(text)) });
  command.commands.forEach((subcommand) => withoutExit(subcommand));
}
