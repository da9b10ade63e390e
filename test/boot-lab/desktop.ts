import { setTimeout as sleep } from 'node:timers/promises';
import { Misbehaviour } from './check';
import type { Lab } from './lab';
import { patience } from './patience';

const TOOLS = '/usr/lib/boot-lab/desktop';
/** An empty desktop of GNOME has hundreds; a black screen has one, a pointer on it makes a few more. */
const COLOURS_OF_A_DESKTOP = 50;

/** Something open on the screen: a window, a dialog or a notice, with the texts in it. */
export interface OpenThing {
  readonly program: string;
  readonly role: string;
  readonly name: string;
  readonly texts: readonly string[];
}

/** The desktop of an owner on a machine with a real one: what is on the screen, and what the owner does there. */
export class Desktop {
  public constructor(
    private readonly lab: Lab,
    private readonly session = 'session-1',
    private readonly owner = 'ada',
  ) {}

  /** Keeps a picture of the screen in the run's folder and returns the number of its colours; 0 where there is no picture. */
  public async picture(name: string): Promise<number> {
    const file = `/root/${name}.png`;
    const { status } = await this.lab.machine.inside('dcv', 'get-screenshot', '--format', 'png', '--output', file, this.session);
    if (status !== 0) return 0;
    const counted = await this.lab.machine.inside('identify', '-format', '%k', file);
    const picture = this.lab.machine.readBytes(file);
    if (picture !== undefined) this.lab.keepPicture(name, picture);
    return Number(counted.output);
  }

  /** Returns the seconds until the screen shows a desktop, and keeps the picture. */
  public async untilDrawn(name: string, limitSeconds = 60): Promise<number> {
    return this.until(`a desktop on the screen (${name})`, limitSeconds, async () => (await this.picture(name)) >= COLOURS_OF_A_DESKTOP);
  }

  public async until(what: string, limitSeconds: number, holds: () => Promise<boolean>): Promise<number> {
    const start = Date.now();
    for (; !(await holds()); await sleep(500))
      if (Date.now() > start + limitSeconds * 1000 * patience()) throw new Misbehaviour(`waited ${limitSeconds} s for ${what}`);
    return (Date.now() - start) / 1000;
  }

  /** Runs a program as the owner starts one from the desktop. */
  public async run(...command: string[]): Promise<{ readonly status: number; readonly output: string }> {
    return this.lab.machine.inside(`${TOOLS}/in-session`, this.owner, 'timeout', '30', ...command);
  }

  /** What is open, notices and assistants included. */
  public async open(): Promise<readonly OpenThing[]> {
    const { status, output } = await this.run(`${TOOLS}/showing`);
    if (status !== 0) throw new Misbehaviour(`the accessibility tree of the desktop could not be read: ${output}`);
    return output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as OpenThing);
  }

  /** Whether GNOME shows its overview instead of the desktop. */
  public async isOverview(): Promise<boolean> {
    return (
      await this.ask('org.gnome.Shell', '/org/gnome/Shell', 'org.freedesktop.DBus.Properties.Get', 'org.gnome.Shell', 'OverviewActive')
    ).includes('true');
  }

  public async isLocked(): Promise<boolean> {
    return (await this.ask('org.gnome.ScreenSaver', '/org/gnome/ScreenSaver', 'org.gnome.ScreenSaver.GetActive')).includes('true');
  }

  /** The environment of a shell in a terminal that the owner opens. */
  public async terminal(): Promise<Readonly<Record<string, string>>> {
    const file = `/tmp/terminal-${Date.now()}`;
    // The shell that a terminal starts: interactive, and no login shell.
    const opened = await this.run('gnome-terminal', '--wait', '--', 'bash', '-ic', `env -0 >${file}.part; mv ${file}.part ${file}`);
    const { output, status } = await this.lab.machine.inside('cat', file);
    if (status !== 0) throw new Misbehaviour(`no terminal opened: ${opened.output}`);
    const pairs = output.split('\0').filter((pair) => pair.includes('='));
    return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  }

  /** A client connects, and leaves again. */
  public async visit(user = this.owner): Promise<void> {
    const { status, output } = await this.lab.machine.inside('dcv', 'lab-connect', this.session, user);
    if (status !== 0) throw new Misbehaviour(`${user} could not connect: ${output}`);
    await this.lab.machine.inside('dcv', 'lab-disconnect', this.session);
  }

  /** Features of DCV that a user has who connects; undefined where the user may not. */
  public async features(user = this.owner): Promise<readonly string[] | undefined> {
    const { status, output } = await this.lab.machine.inside('dcv', 'lab-connect', this.session, user);
    if (status !== 0) return undefined;
    await this.lab.machine.inside('dcv', 'lab-disconnect', this.session);
    return (JSON.parse(output) as { readonly features: readonly string[] }).features;
  }

  /** The program that draws the desktop ends at once. */
  public async crash(): Promise<void> {
    await this.lab.machine.inside('pkill', '-KILL', '-u', this.owner, '-x', 'gnome-shell');
  }

  public async logOut(): Promise<void> {
    await this.run('gnome-session-quit', '--logout', '--no-prompt', '--force');
  }

  /** Process id of the shell; undefined when there is none. */
  public async shell(): Promise<string | undefined> {
    const { status, output } = await this.lab.machine.inside('pgrep', '-u', this.owner, '-o', '-x', 'gnome-shell');
    return status === 0 ? output.trim() : undefined;
  }

  private async ask(name: string, object: string, method: string, ...parameters: string[]): Promise<string> {
    const { output } = await this.run(
      'gdbus',
      'call',
      '--session',
      '--dest',
      name,
      '--object-path',
      object,
      '--method',
      method,
      ...parameters,
    );
    return output;
  }
}
