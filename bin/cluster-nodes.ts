import { Command, CommanderError } from 'commander';
import { libraryVersion } from '../lib/library-version';
import { budgetCommand } from './commands/budget';
import { CommandError } from './commands/command-error';
import { renderCommand } from './commands/render';
import { renderTemplateCommand } from './commands/render-template';
import { sessionCommand } from './commands/session';

const USAGE_ERROR = 2;

/** Runs the command. Resolves to its exit status: 0 done, 1 failed, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('cluster-nodes')
    .description('Look at what runs on cluster nodes, and operate virtual desktops.')
    .version(libraryVersion())
    .addCommand(renderCommand())
    .addCommand(renderTemplateCommand())
    .addCommand(budgetCommand())
    .addCommand(sessionCommand());
  withoutExit(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version come as errors of status 0; the message has been printed.
      return error.exitCode === 0 ? 0 : USAGE_ERROR;
    }
    process.stderr.write(`cluster-nodes: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

function withoutExit(command: Command): void {
  command.exitOverride();
  command.commands.forEach((subcommand) => withoutExit(subcommand));
}
