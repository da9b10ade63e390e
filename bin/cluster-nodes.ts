import { Command, CommanderError } from 'commander';
import { libraryVersion } from '../lib/library-version';
import { budgetCommand } from './commands/budget';
import { CommandError } from './commands/command-error';
import { EXIT, EXIT_TABLE, PREFIX, withPrefix } from './commands/exit-status';
import { renderCommand } from './commands/render';
import { renderTemplateCommand } from './commands/render-template';
import { sessionCommand } from './commands/session';

/** Codes of the library's errors that only the value of an option can cause. */
const USAGE_CODES: ReadonlySet<unknown> = new Set(['NoSuchDirectory', 'NoTemplates']);

/** Runs the command. Resolves to its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('cluster-nodes')
    .description('Look at what runs on cluster nodes, and operate virtual desktops.')
    .version(libraryVersion())
    .addCommand(renderCommand())
    .addCommand(renderTemplateCommand())
    .addCommand(budgetCommand())
    .addCommand(sessionCommand())
    .addHelpText('after', EXIT_TABLE);
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
