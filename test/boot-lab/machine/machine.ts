import { ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, appendFileSync, closeSync, existsSync, lstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Misbehaviour } from '../check';
import { patience } from '../patience';
import type { BootTimes } from '../seen-calls';
import { ControlGroups } from './control-groups';
import { Disk, DiskKind } from './disk';
import { ProcessTrace } from './process-trace';

export interface Boot extends BootTimes {
  readonly traceFile: string;
  /** What systemd called the state of the system, when it settled: running or degraded. */
  systemState?: string;
}

export interface MachineOptions {
  readonly name: string;
  readonly folder: string;
  /** Layers of the image, topmost first. */
  readonly image: readonly string[];
  readonly disk: DiskKind;
  readonly namespace: string;
  readonly bootLimitSeconds: number;
  /** It gets what a real desktop needs: virtual terminals of the host, and capabilities. */
  readonly realDesktop: boolean;
}

const CONTAINER_REBOOTS = 133;
const MOST_BOOTS = 15;
const POWER_OFF_LIMIT_SECONDS = 15;
const END_LIMIT_SECONDS = 45;
const VISIT_LIMIT_SECONDS = 180;
// systemd's signal for poweroff.target: RTMIN+4 as its C library counts.
const POWER_OFF_SIGNAL = 38;

interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both. */
  readonly output: string;
}

const NO_LOGIN = 7;
/** A conversation with PAM, as any server has it: the user by argument, the password by stdin. */
const PAM_LOGIN = `
import ctypes, sys

class Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]

class Response(ctypes.Structure):
    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]

CONVERSE = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.POINTER(Message)), ctypes.POINTER(ctypes.POINTER(Response)), ctypes.c_void_p
)

class Conversation(ctypes.Structure):
    _fields_ = [("converse", CONVERSE), ("data", ctypes.c_void_p)]

libc = ctypes.CDLL("libc.so.6")
pam = ctypes.CDLL("libpam.so.0")
libc.calloc.restype = ctypes.c_void_p
libc.strdup.restype = ctypes.c_void_p
password = sys.stdin.buffer.read()

@CONVERSE
def converse(count, messages, responses, data):
    answers = ctypes.cast(libc.calloc(count, ctypes.sizeof(Response)), ctypes.POINTER(Response))
    for index in range(count):
        answers[index].text = libc.strdup(password)
    responses[0] = answers
    return 0

handle = ctypes.c_void_p()
conversation = Conversation(converse, None)
if pam.pam_start(b"dcv", sys.argv[1].encode(), ctypes.byref(conversation), ctypes.byref(handle)) != 0:
    sys.exit("pam_start")
status = pam.pam_authenticate(handle, 0) or pam.pam_acct_mgmt(handle, 0)
sys.exit(0 if status == 0 else ${NO_LOGIN})
`;

/** A machine of the lab: a container that boots systemd as PID 1 and real cloud-init, off a disk of its own. */
export class Machine {
  public readonly boots: Boot[] = [];
  public readonly disk: Disk;
  private readonly groups: ControlGroups;
  private container: ChildProcess | undefined;
  /** Programs that this lab runs in the machine or because of it. */
  private readonly visitors = new Set<ChildProcess>();
  private cutting = false;

  public constructor(private readonly options: MachineOptions) {
    this.disk = new Disk(options.folder, options.image, options.disk);
    this.groups = new ControlGroups(options.name);
  }

  public get root(): string {
    return this.disk.root;
  }

  public get running(): boolean {
    return this.container !== undefined;
  }

  /**
   * Boots, follows reboots, and returns with the machine up and all its work done, or off after a power cut. The power goes
   * as soon as the machine writes the given file.
   */
  public async run(cutFile?: string): Promise<Boot> {
    for (;;) {
      const boot = await this.bootOnce(cutFile);
      if (boot.ended !== 'reboot') return boot;
      if (this.boots.length >= MOST_BOOTS) throw new Misbehaviour(`the machine reboots for ever: ${this.boots.length} boots`);
    }
  }

  /** Takes the power away: nothing gets to end in order. Killing the container's own process would leave the guest running. */
  public cut(): void {
    const first = this.groups.firstProcess();
    if (first === undefined) return;
    this.cutting = true;
    process.kill(first, 'SIGKILL');
  }

  /** Shuts a settled machine down in order. */
  public async powerOff(): Promise<void> {
    const { container } = this;
    if (container === undefined) return;
    const first = this.groups.firstProcess();
    if (first !== undefined) process.kill(first, POWER_OFF_SIGNAL);
    const late = setTimeout(() => this.cut(), POWER_OFF_LIMIT_SECONDS * 1000 * patience());
    await this.end(container, 'it was told to power off');
    clearTimeout(late);
    await this.afterEnd();
  }

  /** Runs a program inside the running machine, outside of its control groups and unseen by the trace. */
  public async inside(...command: string[]): Promise<{ readonly status: number; readonly output: string }> {
    return this.enter(['--mount', '--uts', '--ipc', '--net', '--pid'], command);
  }

  /** Runs a script as a service of the running machine, where the trace sees it, and tells apart what it prints. */
  public async service(script: string): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
    const command = ['systemd-run', '--quiet', '--wait', '--collect', '--pipe', '--', '/bin/sh', '-c', script];
    return this.enter(['--mount', '--uts', '--ipc', '--net', '--pid'], command);
  }

  /** Whether the password opens the account, asked of PAM as the DCV server asks. The password goes in by a pipe. */
  public async opens(user: string, password: string): Promise<boolean> {
    const { status, output } = await this.enter(
      ['--mount', '--uts', '--ipc', '--net', '--pid'],
      ['python3', '-c', PAM_LOGIN, user],
      password,
    );
    if (status !== 0 && status !== NO_LOGIN) throw new Error(`PAM could not be asked: ${output}`);
    return status === 0;
  }

  private async enter(
    namespaces: readonly string[],
    command: readonly string[],
    input = '',
    limitSeconds = VISIT_LIMIT_SECONDS * patience(),
  ): Promise<Answer> {
    const first = this.groups.firstProcess();
    if (first === undefined) return { status: 255, stdout: '', stderr: '', output: '' };
    const environment = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8'];
    return new Promise((resolve, reject) => {
      const visitor = execFile(
        'nsenter',
        ['--target', String(first), ...namespaces, '--', ...environment, ...command],
        { maxBuffer: 64 * 1024 * 1024, timeout: limitSeconds * 1000, killSignal: 'SIGKILL' },
        (error, stdout, stderr) => {
          // Those of a machine that has ended are killed, too, and no longer among them.
          const isLate = this.visitors.delete(visitor) && error?.killed === true;
          if (isLate) return reject(new Error(`waited ${limitSeconds} s for the end of ${command.join(' ').slice(0, 200)} in the machine`));
          const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
          resolve({ status, stdout, stderr, output: stdout + stderr });
        },
      );
      // Whoever has ended, or needs no input, does not read it: the exit status tells.
      visitor.stdin?.on('error', () => undefined).end(input);
      this.visitors.add(visitor);
    });
  }

  /** Text of a file of the machine; undefined when there is none. */
  public read(file: string): string | undefined {
    const onHost = path.join(this.root, file);
    return existsSync(onHost) ? readFileSync(onHost, 'utf8') : undefined;
  }

  /** Writes a file of the machine while it is off. */
  public write(file: string, text: string | Buffer, mode?: number): void {
    const onHost = path.join(this.root, file);
    mkdirSync(path.dirname(onHost), { recursive: true });
    writeFileSync(onHost, text);
    if (mode !== undefined) chmodSync(onHost, mode);
  }

  /** Whether there is an entry of that name, be it a link that points to nowhere on the host. */
  public has(file: string): boolean {
    return lstatSync(path.join(this.root, file), { throwIfNoEntry: false }) !== undefined;
  }

  /** Bytes of a file of the machine; undefined when there is none. */
  public readBytes(file: string): Buffer | undefined {
    const onHost = path.join(this.root, file);
    return existsSync(onHost) ? readFileSync(onHost) : undefined;
  }

  /** Command lines of all processes of the machine. */
  public processes(): readonly string[] {
    return this.groups.processes().map((pid) => commandLine(pid));
  }

  /** Like read, and also sees what only exists while the machine runs, such as /run. */
  public readLive(file: string): string | undefined {
    const first = this.groups.firstProcess();
    const onHost = `/proc/${first ?? 0}/root${file}`;
    return first !== undefined && existsSync(onHost) ? readFileSync(onHost, 'utf8') : undefined;
  }

  public trace(boot: Boot): ProcessTrace {
    return ProcessTrace.read(boot.traceFile);
  }

  public unplug(): void {
    execFileSync('ip', ['-n', this.options.namespace, 'link', 'set', 'cable', 'down']);
  }

  public plugBackIn(): void {
    execFileSync('ip', ['-n', this.options.namespace, 'link', 'set', 'cable', 'up']);
  }

  public async destroy(): Promise<void> {
    if (this.container !== undefined) {
      await this.groups.remove();
      await this.end(this.container, 'all of its processes were killed');
    }
    await this.afterEnd();
    await this.disk.destroy();
  }

  private async bootOnce(cutFile: string | undefined): Promise<Boot> {
    if (this.container !== undefined) throw new Error('the machine is running already');
    const number = this.boots.length + 1;
    execFileSync('bash', [path.join(__dirname, 'network.sh'), 'plug', this.options.namespace]);
    const boot: Boot = {
      number,
      start: Date.now(),
      end: 0,
      ended: 'out of time',
      traceFile: path.join(this.options.folder, `boot-${number}.trace`),
    };
    this.boots.push(boot);
    this.cutting = false;
    const consoleFile = path.join(this.options.folder, 'console.log');
    appendFileSync(consoleFile, `\n=== boot ${number}\n`);
    const log = openSync(consoleFile, 'a');
    // script gives it a terminal: only then does PID 1 print what it thinks of ordering cycles and failed units.
    const command = [
      'bash',
      path.join(__dirname, 'boot.sh'),
      this.options.name,
      this.root,
      boot.traceFile,
      this.disk.syncs ? 'no' : 'yes',
      this.options.realDesktop ? 'desktop' : 'plain',
    ].join(' ');
    const container = spawn(
      'nsenter',
      [
        `--net=/run/netns/${this.options.namespace}`,
        'unshare',
        '--mount',
        'script',
        '--quiet',
        '--flush',
        '--return',
        '--command',
        `exec ${command}`,
        '/dev/null',
      ],
      { stdio: ['ignore', log, log] },
    );
    closeSync(log);
    this.container = container;
    const ended = endOf(container);
    const cutMark = path.join(this.options.folder, `cut-${number}`);
    if (cutFile !== undefined) {
      const script = path.join(__dirname, 'cut-when.sh');
      this.visitors.add(spawn('bash', [script, this.options.name, path.join(this.root, cutFile), cutMark], { stdio: 'ignore' }));
    }
    const settled = this.settled(container);
    const limit = sleep(this.options.bootLimitSeconds * 1000, 'out of time' as const, { ref: false });
    const outcome = await Promise.race([ended, settled, limit]);
    // The power may go while the answer that it has settled is on its way.
    const isCut = this.cutting || existsSync(cutMark);
    if (typeof outcome === 'object' && !isCut) {
      boot.systemState = outcome.state;
      boot.ended = 'settled';
    } else {
      if (outcome === 'out of time') this.cut();
      const status = await this.end(container, outcome === 'out of time' ? 'its time was up' : 'its power was cut');
      this.cutting ||= existsSync(cutMark);
      boot.ended =
        outcome === 'out of time' ? 'out of time' : this.cutting ? 'power cut' : status === CONTAINER_REBOOTS ? 'reboot' : 'power off';
      await this.afterEnd();
      if (boot.ended === 'power cut') this.disk.losePower();
    }
    boot.end = Date.now();
    return boot;
  }

  /** Exit status of the container, whose end is due. Processes whose tracer has lost track of them come to none. */
  private async end(container: ChildProcess, reason: string): Promise<number> {
    const limitSeconds = END_LIMIT_SECONDS * patience();
    const status = await Promise.race([endOf(container), sleep(limitSeconds * 1000, undefined, { ref: false })]);
    if (status !== undefined) return status;
    // The tracer is one of them.
    this.groups.kill();
    container.kill('SIGKILL');
    throw new Error(`waited ${limitSeconds} s for the end of the machine after ${reason}`);
  }

  private async afterEnd(): Promise<void> {
    this.container = undefined;
    // Those outside of its process namespace outlive the machine, with its mounts, and may wait for it for ever.
    for (const visitor of this.visitors) visitor.kill('SIGKILL');
    this.visitors.clear();
    await this.groups.remove();
  }

  /** Resolves when systemd has no job left. Never resolves for a boot that ends before. */
  private async settled(container: ChildProcess): Promise<{ readonly state: string }> {
    while (container.exitCode === null && container.signalCode === null) {
      await sleep(100);
      if (this.groups.firstProcess() === undefined) continue;
      // Not in the machine's process namespace: a process there would be stopped when the machine goes down, nsenter would
      // stop with it, and the machine would wait for ever for someone to reap it.
      const { output } = await this.enter(['--mount', '--ipc', '--net'], ['systemctl', 'is-system-running', '--wait'], '', 0);
      const state = output.trim();
      if (state === 'running' || state === 'degraded') return { state };
    }
    return new Promise(() => undefined);
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

function endOf(container: ChildProcess): Promise<number> {
  if (container.exitCode !== null || container.signalCode !== null) return Promise.resolve(container.exitCode ?? 128);
  return new Promise((resolve) => container.once('exit', (code) => resolve(code ?? 128)));
}
