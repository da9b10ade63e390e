import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, Misbehaviour } from './check';
import type { Lab } from './lab';
import { patience } from './patience';

const TOOLS = '/usr/lib/boot-lab/desktop';
/** An empty desktop of GNOME has hundreds; a black screen has one, a pointer on it makes a few more. */
const COLOURS_OF_A_DESKTOP = 50;

/** Seconds until what opens by itself after the login is open. */
const SETTLE_SECONDS = 4;

/** User of gdm's greeter. */
export const GREETER = 'Debian-gdm';

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

  /**
   * Keeps a picture of the screen in the run's folder and returns the number of its colours; 0 where there is no picture, which
   * on a machine with much to do is so for a while.
   */
  public async picture(name: string, limitSeconds = 0): Promise<number> {
    const file = `/root/${name}.png`;
    const take = ['dcv', 'get-screenshot', '--format', 'PNG', '--output', file, this.session];
    if (!(await this.holds(limitSeconds, async () => (await this.lab.machine.inside(...take)).status === 0))) return 0;
    const counted = await this.lab.machine.inside('identify', '-format', '%k', file);
    const picture = this.lab.machine.readBytes(file);
    if (picture !== undefined) this.lab.keepPicture(name, picture);
    return Number(counted.output);
  }

  /** Waits until the screen shows a desktop, and keeps the picture. */
  public async untilDrawn(name: string, limitSeconds = 60): Promise<void> {
    if (!(await this.holds(limitSeconds, async () => this.isDrawn(name))))
      throw new Misbehaviour(`no desktop on the screen after ${limitSeconds} s (${name}.png)`);
  }

  public async isDrawn(name: string): Promise<boolean> {
    return (await this.picture(name)) >= COLOURS_OF_A_DESKTOP;
  }

  /** Whether something comes to hold in time. */
  public async holds(limitSeconds: number, test: () => Promise<boolean>): Promise<boolean> {
    const end = Date.now() + limitSeconds * 1000 * patience();
    do if (await test()) return true;
    while (Date.now() < end && (await sleep(500, true)));
    return false;
  }

  /** What is on the screen when a desktop has come to rest, as notes. Keeps a picture. */
  public async look(name: string): Promise<Readonly<Record<'open' | 'overview', string>>> {
    // Notices and assistants come some seconds after the first picture.
    await sleep(SETTLE_SECONDS * 1000);
    await this.picture(name);
    return { open: JSON.stringify(await this.open()), overview: String(await this.isOverview()) };
  }

  /** A program of the owner stores a secret in the keyring. It ends, or somebody is asked for a password. */
  public async storeSecret(): Promise<{ readonly status: number; readonly output: string }> {
    return this.run('bash', '-c', 'timeout 10 secret-tool store --label lab lab lab <<<secret');
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

  /** Types the owner's password on the lock screen. */
  public async unlock(): Promise<void> {
    // Any key raises the curtain.
    await this.answer('Escape');
  }

  /** Chooses the first name on the greeter of gdm, and types the owner's password. */
  public async logIn(): Promise<void> {
    await new Desktop(this.lab, this.session, GREETER).answer('Return');
    await sleep(SETTLE_SECONDS * 1000);
  }

  private async answer(key: string): Promise<void> {
    const password = this.lab.machine.read('/var/lib/cluster-node/owner-password')?.split('\n')[1] ?? '';
    await this.run('xdotool', 'key', key);
    await sleep(2000);
    await this.run('xdotool', 'type', '--delay', '50', password);
    await this.run('xdotool', 'key', 'Return');
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

/** Of the notes on a desktop that the node called ready, that has come to rest, and in which a terminal was opened. */
export function checkFirstLook(notes: Readonly<Record<string, string>>, check: Check): void {
  check.that(Number(notes.firstColours) > 1, `the node said that it is ready, and its picture has ${notes.firstColours} colours`);
  check.equal(JSON.parse(notes.open), [], 'windows, notices and assistants on the first screen');
  check.equal(notes.overview, 'false', 'the overview instead of the desktop');
  const terminal = JSON.parse(notes.terminal) as Readonly<Record<string, string>>;
  check.equal(terminal.CLUSTER_NODE_INSTANCE_ID, 'i-0123456789abcdef0', 'CLUSTER_NODE_INSTANCE_ID in the shell of a terminal');
  check.equal(terminal.CLUSTER_NODE_CLUSTER_ID, 'lab', 'CLUSTER_NODE_CLUSTER_ID in the shell of a terminal');
}
