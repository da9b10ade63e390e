import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Misbehaviour } from '../../check';
import { patience } from '../../patience';
import type { BootEnd, BootTimes } from '../../seen-calls';
import { Ec2Launch } from './ec2-launch';
import { ProcessNotes } from './process-notes';
import { TaskScheduler } from './task-scheduler';

export interface WindowsMachineOptions {
  /** Network namespace that it lives in. */
  readonly namespace: string;
  readonly folder: string;
  /** Wine prefix that all machines share. */
  readonly prefix: string;
  /** Folder of the host of PowerShell. */
  readonly powershell: string;
  /** Certificate of the authority that the machine trusts. */
  readonly authority: string;
  readonly diskMegabytes: number;
  readonly bootLimitSeconds: number;
}

const PREFIX = '/mnt/prefix';
/** Wine forgets the registry of SYSTEM with its server: it is kept here meanwhile. */
const SYSTEM_HIVE = 'C:\\lab\\system.reg';
const MOST_BOOTS = 15;
const START_LIMIT_SECONDS = 30;
const END_LIMIT_SECONDS = 30;
/** Windows goes on for a while after it has been asked to restart. */
const RESTART_DELAY_MILLISECONDS = 1500;
const COMMANDS = path.join(__dirname, '..', 'commands');
/** Programs of Wine's that those of the lab and the host of PowerShell stand in for. */
const NATIVE = [
  'powershell.exe',
  'taskkill.exe',
  'tar.exe',
  ...readdirSync(COMMANDS).flatMap((file) => (file.endsWith('.args') ? [file.replace('.args', '.exe')] : [])),
];

const NOTES = ['C:\\lab\\processes.log', 'C:\\lab\\calls.log'];

function worldOf({ prefix, powershell, authority, diskMegabytes }: WindowsMachineOptions, what = `${diskMegabytes}m`): string[] {
  return ['bash', path.join(__dirname, 'machine.sh'), prefix, powershell, authority, what];
}

/** A Windows machine of the lab: Wine, with a disk of its own, that runs user data and startup tasks at each boot. */
export class WindowsMachine {
  public readonly boots: BootTimes[] = [];
  public readonly processes: ProcessNotes;
  /** How many of the restarts that scripts ask for do not come. */
  public restartsThatNeverCome = 0;
  private readonly tasks = new TaskScheduler(this);
  private readonly launch: Ec2Launch;
  private wish: BootEnd | undefined;

  private constructor(
    private readonly options: WindowsMachineOptions,
    private readonly world: ChildProcess,
    private readonly init: string,
    userData: () => { readonly instance: string; readonly text: string },
  ) {
    this.launch = new Ec2Launch(this, userData);
    this.processes = new ProcessNotes(() => this.read('C:\\lab\\processes.log') ?? '');
  }

  /** The machine, off. `userData` is what the instance has at the time. */
  public static async open(
    options: WindowsMachineOptions,
    userData: () => { readonly instance: string; readonly text: string },
  ): Promise<WindowsMachine> {
    const apart = ['unshare', '--mount', '--pid', '--uts', '--fork', '--kill-child', '--mount-proc'];
    const log = openSync(path.join(options.folder, 'machine.log'), 'a');
    const world = spawn('nsenter', [`--net=/run/netns/${options.namespace}`, ...apart, ...worldOf(options)], {
      stdio: ['ignore', 'pipe', log],
    });
    closeSync(log);
    await Promise.race([
      once(world.stdout!, 'data'),
      once(world, 'exit'),
      sleep(START_LIMIT_SECONDS * 1000 * patience(), undefined, { ref: false }),
    ]);
    const init = world.exitCode === null ? readFileSync(`/proc/${world.pid}/task/${world.pid}/children`, 'utf8').trim() : '';
    if (init === '') throw new Error(`the machine could not be made, see ${options.folder}/machine.log`);
    return new WindowsMachine(options, world, init, userData);
  }

  /** Boots, follows restarts, and returns when the machine has come to rest or the power is gone. */
  public async run(): Promise<BootTimes> {
    for (;;) {
      const boot = await this.boot();
      if (boot.ended !== 'reboot') return boot;
      if (this.boots.length >= MOST_BOOTS) throw new Misbehaviour(`the machine was restarted ${MOST_BOOTS} times`);
    }
  }

  /** Takes the power away. */
  public cut(): void {
    this.wish = 'power cut';
  }

  /** A restart from outside, such as that of Windows Update. */
  public restart(): void {
    this.wish = 'reboot';
  }

  /** Starts a PowerShell script, with its output in a file of the run's folder. */
  public start(name: string, args: readonly string[]): ChildProcess {
    const log = openSync(path.join(this.options.folder, `${name}.log`), 'a');
    const powershell = 'C:\\windows\\system32\\WindowsPowerShell\\v1.0\\powershell.exe';
    const started = this.enter(['wine', powershell, ...args], log);
    closeSync(log);
    return started;
  }

  /** Runs a program and waits for it. */
  public async program(...command: readonly string[]): Promise<number | null> {
    const log = openSync(path.join(this.options.folder, 'programs.log'), 'a');
    const started = this.enter(['wine', ...command], log);
    closeSync(log);
    await once(started, 'exit');
    return started.exitCode;
  }

  /** Ends one process that runs a script, with an exit code that whoever ends it chooses. */
  public async end(script: string, exitCode: number): Promise<void> {
    const found = this.processes.running(`${script}.ps1`);
    if (found === undefined) throw new Misbehaviour(`${script} is not running`);
    const status = await this.program('C:\\lab\\end.exe', String(found.id), String(exitCode));
    if (status !== 0) throw new Misbehaviour(`${script} was not there any more when it was to be ended`);
  }

  /** The script waits at its start, whenever it is started, until it is let go. */
  public hold(script: string): void {
    this.write(`C:\\lab\\hold\\${script}`, '');
  }

  public letGo(script: string): void {
    this.remove(`C:\\lab\\hold\\${script}`);
  }

  /** What the next calls of a stand-in come to: exit codes, `hang`, `after CODE`; with `*` before it, all. */
  public fault(name: string, ...outcomes: readonly string[]): void {
    this.write(`C:\\lab\\faults\\${name}`, outcomes.map((outcome) => `${outcome}\r\n`).join(''));
  }

  /** Text of a file, undefined when there is none. */
  public read(file: string): string | undefined {
    return this.readBytes(file)?.toString('utf8');
  }

  public readBytes(file: string): Buffer | undefined {
    const found = this.onHost(file);
    return existsSync(found) ? readFileSync(found) : undefined;
  }

  public isFolder(file: string): boolean {
    return statSync(this.onHost(file)).isDirectory();
  }

  public has(file: string): boolean {
    return existsSync(this.onHost(file));
  }

  public write(file: string, text: string | Buffer): void {
    const target = this.onHost(file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }

  public remove(file: string): void {
    rmSync(this.onHost(file), { force: true, recursive: true });
  }

  /** Names in a folder, none when there is no such folder. */
  public list(folder: string): readonly string[] {
    const found = this.onHost(folder);
    return existsSync(found) ? readdirSync(found).sort() : [];
  }

  /** Takes all but so many bytes of the room on the disk. */
  public fillDisk(leave = 0): void {
    const { bavail, bsize } = statfsSync(`/proc/${this.init}/root/mnt`);
    writeFileSync(`/proc/${this.init}/root/mnt/filling`, Buffer.alloc(Math.max(0, bavail * bsize - leave)));
  }

  /** Keeps the disk of the machine, which is off, as an image. */
  public makeImage(): void {
    this.disk('image');
  }

  /** The machine, which is off, gets a disk made from the image. */
  public startFromImage(): void {
    this.disk('from-image');
  }

  /** Folder that holds what the machine wrote, apart from Windows. */
  public get written(): string {
    return `/proc/${this.init}/root/mnt/upper`;
  }

  /** The disk of the machine, which is off, is as it was made, but for what the lab has noted there. */
  public renewDisk(): void {
    const notes = NOTES.map((file) => [file, this.read(file) ?? ''] as const);
    this.disk('renew');
    for (const [file, text] of notes) this.write(file, text);
  }

  public async destroy(): Promise<void> {
    if (this.world.exitCode !== null || this.world.signalCode !== null) return;
    const gone = once(this.world, 'exit');
    process.kill(Number(this.init), 'SIGKILL');
    await gone;
  }

  /** Where a file of the machine is, for the lab. Names of Windows know no case. */
  public onHost(file: string): string {
    const parts = file.replace(/^C:[\\/]/i, '').split(/[\\/]/);
    let at = `/proc/${this.init}/root${PREFIX}/drive_c`;
    for (const part of parts) {
      const exact = path.join(at, part);
      const other =
        existsSync(exact) || !existsSync(at) ? undefined : readdirSync(at).find((name) => name.toLowerCase() === part.toLowerCase());
      at = other === undefined ? exact : path.join(at, other);
    }
    return at;
  }

  private disk(what: 'image' | 'from-image' | 'renew'): void {
    execFileSync('nsenter', [...this.namespaces(), ...worldOf(this.options, what)]);
  }

  private async boot(): Promise<BootTimes> {
    const boot: BootTimes = { number: this.boots.length + 1, start: Date.now(), end: 0, ended: 'out of time' };
    this.boots.push(boot);
    this.wish = undefined;
    this.remove('C:\\lab\\restart');
    for (const folder of ['starts', 'running', 'services']) this.remove(`C:\\lab\\${folder}`);
    for (const folder of ['starts', 'running', 'services']) mkdirSync(this.onHost(`C:\\lab\\${folder}`));
    this.write('C:\\lab\\booted', '');
    // Wine's services end with the last program.
    this.enter(['wine', 'C:\\lab\\service.exe'], 'ignore');
    if (this.has(SYSTEM_HIVE)) await this.program('reg.exe', 'import', SYSTEM_HIVE);
    this.launch.boot(boot.number);
    this.tasks.boot(boot.number);
    boot.ended = await this.settle(boot);
    await this.halt();
    boot.end = Date.now();
    return boot;
  }

  private async settle(boot: BootTimes): Promise<BootEnd> {
    let asked: number | undefined;
    let quiet = 0;
    for (; Date.now() < boot.start + this.options.bootLimitSeconds * 1000; await sleep(50)) {
      if (this.wish !== undefined) return this.wish;
      this.tasks.turn();
      if (asked === undefined && this.has('C:\\lab\\restart')) {
        this.remove('C:\\lab\\restart');
        if (this.restartsThatNeverCome > 0) this.restartsThatNeverCome -= 1;
        else asked = Date.now();
      }
      if (asked !== undefined && Date.now() > asked + RESTART_DELAY_MILLISECONDS) return 'reboot';
      const busy = asked !== undefined || this.launch.isBusy || this.tasks.isBusy || this.hasPowerShell();
      quiet = busy ? 0 : quiet + 1;
      if (quiet === 5) return 'settled';
    }
    return 'out of time';
  }

  /** Also one that has lost its parent. */
  private hasPowerShell(): boolean {
    const proc = `/proc/${this.init}/root/proc`;
    return readdirSync(proc).some((id) => {
      if (!/^\d+$/.test(id)) return false;
      try {
        return readFileSync(`${proc}/${id}/cmdline`, 'latin1').includes('powershell.exe');
      } catch {
        return false;
      }
    });
  }

  /** Ends everything at once, as a shutdown comes to it in the end. The registry is on the disk then. */
  private async halt(): Promise<void> {
    await this.program('reg.exe', 'export', 'HKU\\S-1-5-18', SYSTEM_HIVE, '/y');
    await once(this.enter(['wineserver', '--kill'], 'ignore'), 'exit');
    const proc = `/proc/${this.init}/root/proc`;
    const others = (): string[] => readdirSync(proc).filter((id) => /^\d+$/.test(id) && id !== '1' && !this.isSleep(`${proc}/${id}`));
    for (const end = Date.now() + END_LIMIT_SECONDS * 1000 * patience(); others().length > 0; await sleep(50)) {
      if (Date.now() > end) throw new Error(`processes of the machine do not end: ${others().join(' ')}`);
      for (const id of others()) this.inside('kill', '-KILL', id);
    }
    this.tasks.halt();
    this.launch.halt();
  }

  private isSleep(process: string): boolean {
    try {
      return readFileSync(`${process}/cmdline`, 'latin1').startsWith('sleep\0');
    } catch {
      return true;
    }
  }

  private inside(...command: string[]): void {
    try {
      execFileSync('nsenter', [...this.namespaces(), ...command], { stdio: 'ignore' });
    } catch {
      // It has ended by itself.
    }
  }

  private namespaces(): string[] {
    return [`--target=${this.init}`, '--mount', '--pid', '--uts', '--net'];
  }

  private enter(command: readonly string[], output: number | 'ignore'): ChildProcess {
    const environment = {
      PATH: '/usr/bin:/bin',
      HOME: '/tmp',
      WINEPREFIX: PREFIX,
      WINEDEBUG: '-all',
      WINEDLLOVERRIDES: `winedbg.exe=;${NATIVE.join(',')}=n,b`,
      // With it the runtime crashes under Wine.
      DOTNET_EnableWriteXorExecute: '0',
      // Saves a process half a second.
      DOTNET_TieredPGO: '0',
      POWERSHELL_TELEMETRY_OPTOUT: '1',
      LAB_PATIENCE: String(patience()),
      NO_COLOR: '1',
      PS_PRELUDE: 'C:\\lab\\standins\\prelude.ps1',
    };
    const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    return spawn('nsenter', [...this.namespaces(), 'env', '-i', `--chdir=${PREFIX}/drive_c`, ...settings, ...command], {
      stdio: ['ignore', output, output],
    });
  }
}
