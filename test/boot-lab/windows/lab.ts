import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { LaunchedNode } from '../app/synthesis';
import { Misbehaviour } from '../check';
import { instanceIdFor, runPhases } from '../image-builder';
import type { RunResult } from '../half';
import { network } from '../machine/network';
import { patience } from '../patience';
import { performed } from '../performing';
import { plainWorld } from '../plain-world';
import { Services } from '../services/client';
import { opened, Stage } from '../stage';
import { BUILDER_ID } from './baking';
import type { WindowsRun } from './catalogue';
import type { WindowsImage } from './image/windows-image';
import { checkWindowsInvariants, WINDOWS_LIMIT_SECONDS } from './invariants';
import { WindowsMachine } from './machine/windows-machine';
import { STATE_FOLDER, WindowsObservation } from './observation';

const DISK_MEGABYTES = 2048;

const PENDING_RESTART = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired';
const STEP_STATUS = 'C:\\lab\\image-builder-status';
/** Runs the commands of a step as SYSTEM, as its program does that Systems Manager has started. */
const STEP = `<powershell>
& "$PSHOME\\powershell.exe" -NoProfile -ExecutionPolicy Bypass -File C:\\lab\\image-builder.ps1
[IO.File]::WriteAllText('${STEP_STATUS}', "$LASTEXITCODE")
</powershell>
<persist>true</persist>
`;

/** A Windows machine with its surroundings, for the length of one run. What a scenario's `play` acts on. */
export class WindowsLab extends Stage {
  private constructor(
    public readonly machine: WindowsMachine,
    services: Services,
    folder: string,
    name: string,
    private readonly imageOf: LaunchedNode,
  ) {
    super(services, folder, name);
  }

  public static async open(...parts: Parameters<typeof WindowsLab.build>): Promise<WindowsLab> {
    return opened(() => WindowsLab.build(...parts));
  }

  private static async build(
    { scenario }: WindowsRun,
    node: LaunchedNode,
    imageOf: LaunchedNode,
    image: WindowsImage,
    folder: string,
    name: string,
  ): Promise<WindowsLab> {
    mkdirSync(folder, { recursive: true });
    const plain = plainWorld({}, node);
    const world = { ...plain, ...scenario.world?.(plain) };
    network('up', name);
    let services: Services | undefined;
    try {
      const { certificates, downloads } = image;
      const inNetwork = ['nsenter', `--net=/run/netns/${name}`];
      services = await Services.start({ inNetwork, names: true, folder, certificates, packages: folder, downloads, world });
      const current = services;
      const machine = await WindowsMachine.open(
        {
          namespace: name,
          folder,
          prefix: image.prefix,
          powershell: image.powershell,
          authority: path.join(certificates, 'authority.crt'),
          diskMegabytes: scenario.diskMegabytes ?? DISK_MEGABYTES,
          bootLimitSeconds: ((scenario.withinSeconds ?? WINDOWS_LIMIT_SECONDS) + 60) * patience(),
        },
        () => {
          const { id, userData } = current.world.instance;
          return { instance: id, text: Buffer.from(userData, 'base64').toString('utf8') };
        },
      );
      return new WindowsLab(machine, services, folder, name, imageOf);
    } catch (error) {
      await services?.stop();
      network('down', name);
      throw error;
    }
  }

  /** Runs phases of the component document on an instance of the disk as it is, and leaves the machine off. */
  public async buildImage(...phases: Parameters<typeof runPhases>[1]): Promise<string> {
    const { image } = this.imageOf;
    if (image === undefined) throw new Error('expected an image in the stack of the node: set builds in its input');
    const { instance, policy, objects } = this.services.world;
    const userData = Buffer.from(STEP).toString('base64');
    await this.services.change({
      instance: { ...instance, id: instanceIdFor(phases, BUILDER_ID, this.machine.boots.length), tags: {}, userData },
      policy: image.policy,
    });
    const ended = await runPhases(image, phases, objects, {
      put: (file, bytes) => this.machine.write(file, bytes),
      start: async () => Promise.resolve(),
      execute: async (commands) => {
        this.machine.write('C:\\lab\\image-builder.ps1', commands);
        this.machine.remove(STEP_STATUS);
        await this.machine.run();
        return Number(this.machine.read(STEP_STATUS));
      },
      stop: async () => Promise.resolve(),
    });
    await this.services.change({ instance, policy });
    return ended;
  }

  /** The node that runs from now on is that of `image`: its objects are there besides the others. */
  public async becomeImageOf(id: string): Promise<void> {
    const { objects, instance } = this.services.world;
    await this.services.change({
      objects: [...objects, ...this.imageOf.objects],
      policy: this.imageOf.policy,
      instance: { ...instance, id, userData: this.imageOf.userData, tags: this.imageOf.tags },
    });
  }

  /** Resolves when a process of PowerShell runs that script. */
  public async untilRuns(script: string): Promise<void> {
    await this.until(`a process that runs ${script}`, () => this.machine.processes.running(`${script}.ps1`) !== undefined);
  }

  /** Windows Update waits for a restart when that boot begins. */
  public updateWaitsIn(boot: number): void {
    const isBoot = (number: number) => (): boolean => this.machine.boots.length === number;
    this.meanwhile(async () => {
      await this.until(`boot ${boot}`, isBoot(boot));
      await this.machine.program('reg.exe', 'add', PENDING_RESTART, '/f');
      // Windows forgets it with the restart.
      await this.until(`boot ${boot + 1}`, isBoot(boot + 1));
      await this.machine.program('reg.exe', 'delete', PENDING_RESTART, '/f');
    });
  }

  /** Ends a script at its start, with an exit code that whoever ends it chooses. It is to be held. */
  public async endHeld(script: string, exitCode: number): Promise<void> {
    await this.untilRuns(script);
    await this.machine.end(script, exitCode);
    this.machine.letGo(script);
  }

  /** Resolves when the stand-in of a program or cmdlet has been called so often. */
  public async untilCalled(name: string, times = 1): Promise<void> {
    const called = (): number => (this.machine.read('C:\\lab\\calls.log') ?? '').split('\n').filter((line) => line.startsWith(name)).length;
    await this.until(`call ${times} of ${name}`, () => called() >= times);
  }

  /** Boots, and takes the power away when `moment` resolves. That the machine comes to rest before is an error. */
  public async cutAt(name: string, moment: () => Promise<unknown>): Promise<void> {
    this.meanwhile(async () => moment().then(() => this.machine.cut()));
    const boot = await this.machine.run();
    if (boot.ended !== 'power cut')
      throw new Misbehaviour(`the machine came to rest, and the power could not be cut at '${name}' (boot ${boot.number}: ${boot.ended})`);
    this.cuts.push(name);
  }

  /** Names that were looked up, each once. */
  public get lookedUp(): readonly string[] {
    const log = readFileSync(path.join(this.folder, 'dnsmasq.log'), 'utf8');
    return [...new Set([...log.matchAll(/query\[\w+\] (\S+) from /g)].map(([, name]) => name))];
  }

  /** What EC2Launch and Task Scheduler have seen of the output of the scripts that they started. */
  public get output(): string {
    const logs = readdirSync(this.folder).filter((name) => /^(ec2launch|task)-.*\.log$/.test(name));
    return logs.map((name) => readFileSync(path.join(this.folder, name), 'utf8')).join('');
  }

  public keepLogs(): void {
    const kept = path.join(this.folder, 'machine');
    for (const folder of [STATE_FOLDER, 'C:\\lab\\calls.log', 'C:\\lab\\processes.log', 'C:\\lab\\state'])
      if (this.machine.has(folder)) cpSync(this.machine.onHost(folder), path.join(kept, path.win32.basename(folder)), { recursive: true });
    const calls = this.services.calls.map((call) => `${JSON.stringify(call)}\n`).join('');
    writeFileSync(path.join(this.folder, 'calls.jsonl'), calls);
  }
}

/** Boots the machine of a run, lets the scenario happen, and checks what was seen. */
export async function performWindows(
  run: WindowsRun,
  node: LaunchedNode,
  imageOf: LaunchedNode,
  image: WindowsImage,
  folder: string,
  name: string,
  keep: boolean,
): Promise<RunResult> {
  const { scenario } = run;
  return performed(run, folder, keep, {
    open: async () => WindowsLab.open(run, node, imageOf, image, folder, name),
    play: async (lab) => {
      if (scenario.play === undefined) await lab.machine.run();
      else await scenario.play(lab);
      return new WindowsObservation(lab.machine, lab.services.calls, lab.services.world, lab.notes, lab.cuts, lab.lookedUp, lab.output);
    },
    judge: async (seen, check) => {
      await scenario.expect(seen, check);
      checkWindowsInvariants(seen, scenario, check);
    },
    policies: () => [node.policy],
  });
}
