import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { LaunchedNode } from './app/synthesis';
import { BAKE_STATUSES, bakeUserData, gpuUnit } from './baking';
import type { Run } from './catalogue';
import { Misbehaviour } from './check';
import type { Images } from './image/images';
import { instanceIdFor, runPhases } from './image-builder';
import { checkInvariants, DEFAULT_LIMIT_SECONDS } from './invariants';
import { Machine } from './machine/machine';
import { network } from './machine/network';
import { LiveState, Observation } from './observation';
import { patience } from './patience';
import { Services } from './services/client';
import { SystemsManager } from './ssm';
import { plainWorld } from './plain-world';
import type { RunResult } from './half';
import { performed, PICTURES } from './performing';
import { opened, Stage } from './stage';

export const BUILDER_ID = 'i-0aaaaaaaaaaaaaaaa';
const METADATA_PROBE = readFileSync(path.join(__dirname, 'machine', 'metadata-probe.py'), 'utf8');

/** A machine with its surroundings, for the length of one run. What a scenario's `play` acts on. */
export class Lab extends Stage {
  /** Policies that an update of the stack has given to the role. */
  public readonly laterPolicies: LaunchedNode['policy'][] = [];

  /** Run Command of Systems Manager, with the documents of the node's stack. */
  public readonly ssm: SystemsManager;

  private constructor(
    public readonly run: Run,
    public readonly machine: Machine,
    services: Services,
    folder: string,
    name: string,
    private readonly imageOf: LaunchedNode,
    node: LaunchedNode,
  ) {
    super(services, folder, name);
    this.ssm = new SystemsManager(machine, () => services.world.instance.id, node.documents);
  }

  public static async open(...parts: Parameters<typeof Lab.build>): Promise<Lab> {
    return opened(() => Lab.build(...parts));
  }

  /** `imageOf` is the node that `bake` makes the image for, and `update` deploys. */
  private static async build(
    run: Run,
    node: LaunchedNode,
    imageOf: LaunchedNode,
    images: Images,
    folder: string,
    name: string,
  ): Promise<Lab> {
    mkdirSync(folder, { recursive: true });
    const plain = plainWorld(run.scenario, node);
    const world = { ...plain, ...run.scenario.world?.(plain, run.variant, images.downloads) };
    network('up', name);
    let machine: Machine | undefined;
    try {
      machine = new Machine({
        name,
        folder,
        image: images.layers[run.variant.realDesktop === true ? 'desktop' : run.variant.family],
        realDesktop: run.variant.realDesktop === true,
        disk: run.scenario.disk ?? { kind: 'plain' },
        namespace: name,
        // Whoever has not settled by then never will.
        bootLimitSeconds: ((run.scenario.withinSeconds ?? DEFAULT_LIMIT_SECONDS) + 60) * patience(),
      });
      const services = await Services.start({ inNetwork: ['nsenter', `--net=/run/netns/${name}`], names: true, folder, ...images, world });
      return new Lab(run, machine, services, folder, name, imageOf, node);
    } catch (error) {
      await machine?.destroy();
      network('down', name);
      throw error;
    }
  }

  /**
   * Makes the disk that of an image: another instance, without tags and role, boots once and runs the installs alone. Returns
   * with the machine off. `finish` is done on it before, with the bundle still there.
   */
  public async bake(settings: Readonly<Record<string, string>> = {}, finish?: () => Promise<void>): Promise<void> {
    const { instance, policy } = this.services.world;
    const userData = Buffer.from(bakeUserData(this.imageOf, settings, finish !== undefined)).toString('base64');
    await this.services.change({ instance: { ...instance, id: BUILDER_ID, tags: {}, userData }, policy: [] });
    await this.machine.run();
    await finish?.();
    await this.machine.powerOff();
    this.notes.baked = (this.machine.read(BAKE_STATUSES) ?? 'not at all').trim().replaceAll('\n', ' ');
    this.notes.manifest = this.machine.read('/var/lib/cluster-node-image/manifest') ?? '';
    await this.services.change({ instance, policy });
  }

  /** Runs phases of the component document on an instance of the disk as it is, and leaves the machine off. What the last step said is noted. */
  public async buildImage(...phases: Parameters<typeof runPhases>[1]): Promise<string> {
    const { image } = this.imageOf;
    if (image === undefined) throw new Error(`expected an image in the stack of ${this.run.name}: set builds in its input`);
    const { instance, policy, objects } = this.services.world;
    await this.services.change({
      instance: { ...instance, id: instanceIdFor(phases, BUILDER_ID, this.machine.boots.length), tags: {}, userData: '' },
      policy: image.policy,
    });
    const ended = await runPhases(image, phases, objects, {
      put: (file, bytes) => this.machine.write(file, bytes),
      start: async () => void (await this.machine.run()),
      execute: async (commands) => {
        const encoded = Buffer.from(commands).toString('base64');
        const { status, stdout, stderr } = await this.machine.service(
          `echo ${encoded} | base64 --decode >/run/step.sh; exec bash /run/step.sh`,
        );
        this.notes.lastStep = `${stdout}${stderr}`;
        appendFileSync(path.join(this.folder, 'image-builder.log'), `${commands}\n${this.notes.lastStep}\nexit status ${status}\n`);
        return status;
      },
      stop: async () => this.machine.powerOff(),
    });
    await this.services.change({ instance, policy });
    return ended;
  }

  /** The node's stack is updated to that of `image`: its objects are there besides the old ones, and the role is as it says now. */
  public async update(): Promise<void> {
    const { objects } = this.services.world;
    this.laterPolicies.push(this.imageOf.policy);
    await this.services.change({ objects: [...objects, ...this.imageOf.objects], policy: this.imageOf.policy });
  }

  /**
   * The machine, which is off, has an NVIDIA card at that place of the bus from now on, with a driver; null takes it away.
   * `isAlwaysDriven` is false where the driver has to be installed.
   */
  public addGpu(place: string | null = '0000:00:1e.0', isAlwaysDriven = true): void {
    this.machine.write('/etc/systemd/system/gpu.service', gpuUnit(place ?? undefined, isAlwaysDriven));
    this.machine.write('/etc/systemd/system/sysinit.target.d/gpu.conf', '[Unit]\nRequires=gpu.service\n');
  }

  /**
   * Boots, takes the power away at a moment, and returns with the machine off: when `moment` resolves, or as soon as the
   * machine writes a file. That the machine comes to rest first is an error: nothing was cut then.
   */
  public async cutAt(name: string, moment: { readonly file: string } | (() => Promise<unknown>)): Promise<void> {
    if (typeof moment === 'function') this.meanwhile(async () => moment().then(() => this.machine.cut()));
    const boot = await this.machine.run(typeof moment === 'function' ? undefined : moment.file);
    if (boot.ended !== 'power cut')
      throw new Misbehaviour(`the machine came to rest, and the power could not be cut at '${name}' (boot ${boot.number}: ${boot.ended})`);
    this.cuts.push(name);
  }

  /** Keeps a picture of a screen in the folder of the run, which stays. */
  public keepPicture(name: string, picture: Buffer): void {
    mkdirSync(path.join(this.folder, PICTURES), { recursive: true });
    writeFileSync(path.join(this.folder, PICTURES, `${name}.png`), picture);
  }

  /** Who reaches the metadata service now: names of users, by address. */
  public async reachMetadata(): Promise<Readonly<Record<string, readonly string[]>>> {
    const { status, output } = await this.machine.inside('python3', '-c', METADATA_PROBE);
    if (status !== 0) throw new Error(`the metadata service could not be tried: ${output}`);
    return JSON.parse(output) as Record<string, string[]>;
  }

  /** What a settled machine looks like from inside. */
  public async look(): Promise<LiveState | undefined> {
    if (!this.machine.running) return undefined;
    const lines = async (...command: string[]): Promise<string[]> => {
      const { status, output } = await this.machine.inside(...command);
      if (status !== 0) throw new Error(`${command.join(' ')} in the machine ended with ${status}: ${output}`);
      return output.split('\n').filter((line) => line !== '');
    };
    return {
      failedUnits: (await lines('systemctl', 'list-units', '--failed', '--plain', '--no-legend')).map((line) => line.split(' ')[0]),
      activeUnits: (await lines('systemctl', 'list-units', '--state=active', '--plain', '--no-legend')).map((line) => line.split(' ')[0]),
      mounts: await lines('findmnt', '--list', '--noheadings', '--output', 'TARGET,SOURCE,OPTIONS'),
      processes: this.machine.processes(),
      reachMetadata: await this.reachMetadata(),
      runFolder: await lines('find', '/run', '-maxdepth', '1', '-name', 'cluster-node', '-printf', '%M %u %p\\n'),
    };
  }

  public keepLogs(): void {
    const { folder, machine, services } = this;
    const kept = path.join(folder, 'logs');
    mkdirSync(kept, { recursive: true });
    writeFileSync(path.join(folder, 'calls.jsonl'), services.calls.map((call) => `${JSON.stringify(call)}\n`).join(''));
    for (const file of [
      'var/log/cluster-node',
      'var/log/cloud-init.log',
      'var/log/cloud-init-output.log',
      'var/lib/cluster-node',
      'var/lib/lab',
      'opt/cluster-node',
      'etc/systemd/system/cluster-node.service',
    ])
      execFileSync('bash', ['-c', 'if [[ -e $1 ]]; then cp -a --parents "$1" "$2"; fi', 'copy', file, kept], { cwd: machine.root });
  }
}

/** Boots the machine of a run, lets the scenario happen, and checks what was seen. */
export async function perform(
  run: Run,
  node: LaunchedNode,
  imageOf: LaunchedNode,
  images: Images,
  folder: string,
  name: string,
  keep: boolean,
): Promise<RunResult> {
  const { scenario, variant } = run;
  return performed(run, folder, keep, {
    open: async () => Lab.open(run, node, imageOf, images, folder, name),
    play: async (lab) => {
      if (scenario.play === undefined) await lab.machine.run();
      else await scenario.play(lab);
      const live = await lab.look();
      await lab.machine.powerOff();
      return new Observation(variant, lab.machine, lab.services.calls, plainWorld(scenario, node), live, lab.notes, lab.cuts, folder);
    },
    judge: async (seen, check) => {
      await scenario.expect(seen, check, variant);
      checkInvariants(seen, scenario, check);
    },
    policies: (lab) => [node.policy, ...(lab?.laterPolicies ?? [])],
  });
}
