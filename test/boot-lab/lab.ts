import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LaunchedNode } from './app/synthesis';
import { BAKE_STATUSES, bakeUserData, gpuUnit } from './baking';
import type { Run } from './catalogue';
import { Check, Misbehaviour } from './check';
import type { Images } from './image/images';
import { checkInvariants, DEFAULT_LIMIT_SECONDS } from './invariants';
import { Machine } from './machine/machine';
import { remainsOf } from './machine/remains';
import { LiveState, Observation } from './observation';
import { patience } from './patience';
import { Services } from './services/client';
import { SystemsManager } from './ssm';
import { plainWorld } from './plain-world';
import type { RunResult } from './half';
import { ofLab, opened, Stage } from './stage';

const BUILDER_ID = 'i-0aaaaaaaaaaaaaaaa';
const CLEAR_LIMIT_SECONDS = 5;
const METADATA_PROBE = readFileSync(path.join(__dirname, 'machine', 'metadata-probe.py'), 'utf8');
/** Folder, in that of a run, of what outlives a run that went well. */
export const PICTURES = 'pictures';

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
    private readonly folder: string,
    private readonly name: string,
    private readonly imageOf: LaunchedNode,
    node: LaunchedNode,
  ) {
    super(services);
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
   * with the machine off.
   */
  public async bake(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const { instance, policy } = this.services.world;
    const userData = Buffer.from(bakeUserData(this.imageOf, settings)).toString('base64');
    await this.services.change({ instance: { ...instance, id: BUILDER_ID, tags: {}, userData }, policy: [] });
    await this.machine.run();
    await this.machine.powerOff();
    this.notes.baked = (this.machine.read(BAKE_STATUSES) ?? 'not at all').trim().replaceAll('\n', ' ');
    this.notes.manifest = this.machine.read('/var/lib/cluster-node-image/manifest') ?? '';
    await this.services.change({ instance, policy });
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

  protected async clearAway(): Promise<void> {
    const problems: unknown[] = [];
    const note = (error: unknown): void => void problems.push(error);
    await this.machine.destroy().catch(note);
    await this.services.stop().catch(note);
    const end = Date.now() + CLEAR_LIMIT_SECONDS * 1000 * patience();
    let remains = remainsOf(this.name, this.folder);
    for (; remains.length > 0 && Date.now() < end; await sleep(50)) remains = remainsOf(this.name, this.folder);
    network('down', this.name);
    if (remains.length > 0) problems.push(`left behind: ${remains.join(', ')}`);
    if (problems.length > 0) throw new Error(problems.map(String).join('; '));
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
  const start = Date.now();
  const check = new Check();
  let seen: Observation | undefined;
  let lab: Lab | undefined;
  try {
    lab = await Lab.open(run, node, imageOf, images, folder, name);
    if (run.scenario.play === undefined) await lab.machine.run();
    else await run.scenario.play(lab);
    const live = await lab.look();
    await lab.machine.powerOff();
    seen = new Observation(run.variant, lab.machine, lab.services.calls, plainWorld(run.scenario, node), live, lab.notes, lab.cuts, folder);
    await run.scenario.expect(seen, check, run.variant);
    checkInvariants(seen, run.scenario, check);
    check.failures.push(...lab.problems);
    if (check.failures.length > 0 || keep) keepLogs(lab, folder);
  } catch (error) {
    if (error instanceof Misbehaviour) check.failures.push(error.message);
    else check.failures.push(ofLab(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    if (lab !== undefined) keepLogs(lab, folder);
  }
  try {
    await lab?.close();
  } catch (error) {
    check.failures.push(ofLab(`the lab could not be cleared away: ${String(error)}`));
  }
  if (check.failures.length === 0 && !keep) removeAllButPictures(folder);
  const policies = [node.policy, ...(lab?.laterPolicies ?? [])];
  return { run, failures: check.failures, seconds: (Date.now() - start) / 1000, seen, policies, folder };
}

export function removeAllButPictures(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names.filter((each) => each !== PICTURES)) rmSync(path.join(folder, name), { recursive: true, force: true });
  if (!names.includes(PICTURES)) rmSync(folder, { recursive: true, force: true });
}

function keepLogs({ machine, services }: Lab, folder: string): void {
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

export function network(action: 'up' | 'down', name: string): void {
  execFileSync('bash', [path.join(__dirname, 'machine', 'network.sh'), action, name]);
}
