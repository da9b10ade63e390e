import { Command } from 'commander';
import type { CommandEnvironment } from '../../bin/commands/command-environment';
import { FakeClock } from './sessions/fake-clock';

export interface Run {
  readonly out: string;
  readonly err: string;
  readonly status: number;
}

class Exit extends Error {
  public constructor(public readonly status: number) {
    super(`exit ${status}`);
  }
}

/** Runs a command the way the program does: below a command that knows nothing of it. */
export async function runCommandLine(make: (environment: CommandEnvironment) => Command, args: readonly string[]): Promise<Run> {
  let [out, err, status] = ['', '', 0];
  const command = make({
    out: (text) => (out += text),
    err: (text) => (err += text),
    setExitCode: (code) => (status = code),
    exit: (code) => {
      throw new Exit(code);
    },
    clock: new FakeClock(),
  });
  try {
    await new Command('cluster-nodes').addCommand(command).parseAsync([command.name(), ...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    status = error.status;
  }
  return { out, err, status };
}

/** Runs the examples that the help of a subcommand has, as far as AWS. */
export async function examplesOf(run: (...args: string[]) => Promise<Run>, name: string, subcommand: string): Promise<[string, Run][]> {
  const { out } = await run(subcommand, '--help');
  const examples =
    out
      .slice(out.indexOf('Examples:'))
      .replace(/\\\n\s*/g, '')
      .match(/\$ .*/g) ?? [];
  const start = `$ cluster-nodes ${name} `;
  const ran: [string, Run][] = [];
  for (const example of examples) {
    const args = [...example.slice(start.length).matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]);
    ran.push([example, await run(...args)]);
  }
  return ran;
}
