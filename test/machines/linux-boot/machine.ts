import { execFileSync, spawn } from 'child_process';
import * as crypto from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { NodeType } from '../../../lib/nodes/node-type';
import { TemplateRenderer } from '../../../lib/templates/renderer';
import { matches } from '../../boot-lab/services/faults';
import type { Call, Instance, World } from '../../boot-lab/services/world';
import { VariableReference } from '../../../lib/templates/value-kinds';
import { launchTimeValuesOf } from '../../../lib/values/launch-time-values';
import { describeWith } from '../namespaces';
import { authority, AUTHORITY_FILE, DOWNLOAD_HOST, HOSTS, INSTANCE_ID, PLAIN_WORLD, REGION, Surroundings } from '../surroundings';

export { DOWNLOAD_HOST, INSTANCE_ID, REGION } from '../surroundings';

/*
 * A machine that boots stage 0, the runner and phases as they are on a node: as root, in mount, network and process
 * namespaces of its own, with a disk in memory over the real root folder. Instance metadata and AWS endpoints answer on
 * their real addresses and names. Only time is not real: sleep and time.sleep take a hundredth.
 */

export const ASSETS = path.join(__dirname, '..', '..', '..', 'assets');
export const BUCKET = 'assets-bucket';
export const STACK = 'desktop-1';
export const RESOURCE = 'Desktop';
export const SIGNAL_TAGS = { 'cluster-node:SignalStack': STACK, 'cluster-node:SignalResource': RESOURCE };

/** A script of the bundle: what stands after the prelude. */
export interface Phase {
  readonly name: string;
  readonly body: string;
  readonly timeoutSeconds?: number;
}

export interface NodeOptions {
  readonly phases?: readonly Phase[];
  readonly context?: { readonly [key: string]: unknown };
  readonly values?: { readonly [variable: string]: string | Buffer };
  readonly bucket?: string;
  /** Text of commands that were added to the UserData. */
  readonly commands?: string;
  /** Changes to the rendered text, for what takes minutes on a real node. */
  readonly edit?: (file: string, text: string) => string;
}

export interface Boot {
  readonly status: number;
  readonly output: string;
  readonly milliseconds: number;
}

/** Status of a boot that ended in a reboot. */
export const REBOOTED = 3;

const DEFAULT_PHASES: readonly Phase[] = ['setup', 'setup_post_reboot', 'virtual_desktop', 'setup_user_customization'].map((name) => ({
  name,
  body: `log_info "in ${name}"`,
}));

export function nodeContext(options: NodeOptions = {}): { [key: string]: unknown } {
  const phases = options.phases ?? DEFAULT_PHASES;
  return {
    '/configuration/ClusterId': 'cluster-1',
    '/configuration/Region': new VariableReference('/configuration/Region', 'deploy-time'),
    '/configuration/AppsPath': null,
    '/configuration/LogGroup': null,
    '/system/cloudwatch_agent': null,
    '/system/gpu/driver': 'image',
    '/configuration/HttpProxy': null,
    '/configuration/HttpsProxy': null,
    '/configuration/NoProxy': null,
    '/job/NodeType': 'dcv_node',
    '/job/BaseOS': 'amazonlinux2023',
    '/system/os/package_manager': 'dnf',
    '/system/metadata/guard': false,
    '/system/os/distribution': 'amazonlinux',
    '/bootstrap/LaunchTimeValues': launchTimeValuesOf(NodeType.DCV_NODE),
    '/bootstrap/Phases': phases.map(({ name, timeoutSeconds }) => ({
      name,
      script: `${name}.sh`,
      install: null,
      check: null,
      timeout_seconds: timeoutSeconds ?? 30,
    })),
    '/bootstrap/IsImageTest': false,
    '/bootstrap/MaxReboots': 5,
    '/bootstrap/DeadlineSeconds': 300,
    '/bootstrap/SignalWith': 'identity_document',
    '/bootstrap/DeployTimeValues': '',
    '/bootstrap/AddedCommands': options.commands === undefined ? null : `<<'END'\n${options.commands}\nEND`,
    '/bootstrap/BundleSha256': '',
    ...options.context,
  };
}

/** A rendered template as it lies on the node. */
export function render(template: string, context: { [key: string]: unknown }, folders: readonly string[] = []): string {
  const renderer = new TemplateRenderer({ searchPaths: [...folders, path.join(ASSETS, 'cluster_node_bootstrap'), ASSETS] });
  return `${renderer.render(template, context).text.replace(/\n$/, '')}\n`;
}

export interface RenderedNode {
  readonly userData: string;
  readonly bundle: Buffer;
  readonly sha256: string;
  readonly key: string;
  /** Files of the bundle. */
  readonly files: { readonly [name: string]: string };
}

export function renderNode(options: NodeOptions = {}): RenderedNode {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'node-'));
  try {
    const templates = path.join(folder, 'templates');
    const files = path.join(folder, 'files');
    fs.mkdirSync(templates);
    fs.mkdirSync(files);
    const context = nodeContext(options);
    const edit = options.edit ?? ((_file, text) => text);
    const bundled: { [name: string]: string } = {};
    const put = (name: string, text: string): void => {
      bundled[name] = edit(name, text);
      fs.writeFileSync(path.join(files, name), bundled[name]);
    };
    for (const { name, body } of options.phases ?? DEFAULT_PHASES) {
      fs.writeFileSync(
        path.join(templates, `${name}.sh.j2`),
        `#!/bin/bash\n{% include "templates/linux/prelude.sh.j2" %}\n\nmain() {\n${body}\n}\n\nmain "$@"\n`,
      );
      put(`${name}.sh`, render(`${name}.sh.j2`, context, [templates]));
    }
    put('runner.sh', render('templates/linux/runner.sh.j2', context));
    const bundle = execFileSync('tar', ['-c', '--owner=0', '--group=0', '-C', files, ...fs.readdirSync(files).sort()]);
    const sha256 = crypto.createHash('sha256').update(bundle).digest('hex');
    const key = `${sha256}.tar`;
    const values = {
      VALUE_CONFIGURATION_REGION: REGION,
      VALUE_BOOTSTRAP_BUNDLE_BUCKET: options.bucket ?? BUCKET,
      VALUE_BOOTSTRAP_BUNDLE_KEY: key,
      ...options.values,
    };
    const lines = Object.entries(values).map(([variable, value]) => `${variable}=${Buffer.from(value).toString('base64')}`);
    const userData = edit(
      'user_data.sh',
      render('user_data/linux/user_data.sh.j2', {
        ...context,
        '/bootstrap/DeployTimeValues': lines.join('\n'),
        '/bootstrap/BundleSha256': sha256,
      }),
    );
    return { userData, bundle, sha256, key, files: bundled };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const STAND_INS: { readonly [file: string]: string } = {
  'usr/local/sbin/systemctl': `#!/bin/bash
printf 'systemctl %s\\n' "$*" >>/var/lib/machine-calls
unit=/etc/systemd/system/multi-user.target.wants/cluster-node.service
case "$*" in
  *enable*cluster-node*) mkdir -p "\${unit%/*}" && ln -sf ../cluster-node.service "$unit" ;;
  *disable*cluster-node*) rm -f "$unit" ;;
  is-system-running) if [[ -e /run/stopping ]]; then echo stopping; else echo running; fi ;;
  reboot) touch /run/stopping; if [[ -e /etc/test-reboot-hangs ]]; then exit 0; fi; touch /run/rebooting; kill -TERM -1 ;;
esac
`,
  'usr/local/sbin/reboot': '#!/bin/bash\nexec systemctl reboot\n',
  'usr/local/sbin/sync': "#!/bin/bash\nprintf 'sync\\n' >>/var/lib/machine-calls\n",
  'usr/local/sbin/busctl': '#!/bin/bash\nif [[ -e /run/shutdown-delayed ]]; then echo "b true"; else echo "b false"; fi\n',
  'usr/local/sbin/sleep': `#!/bin/bash
if [[ $1 =~ ^[0-9]+$ ]]; then printf -v time '%d.%02d' "$(($1 / 100))" "$(($1 % 100))"; else time=$1; fi
exec /usr/bin/sleep "$time"
`,
  'usr/local/lib/test-python/sitecustomize.py': 'import time\n_sleep = time.sleep\ntime.sleep = lambda seconds: _sleep(seconds / 100.0)\n',
};

const GROUP = { name: 'login-nodes', tags: {}, launchHook: 'launch' };

/** What differs from a desktop's surroundings for a node of an Auto Scaling group, which waits for it. */
export const LAUNCHED_BY_GROUP = {
  instance: instance({ 'cluster-node:LaunchHook': GROUP.launchHook, 'aws:autoscaling:groupName': GROUP.name }),
  group: GROUP,
};

/** The instance, with other tags or as another one. */
export function instance(tags: { readonly [key: string]: string } = {}, id = INSTANCE_ID): Instance {
  return { ...PLAIN_WORLD.instance, id, tags: { 'cluster-node:SessionOwner': 'maria', ...SIGNAL_TAGS, ...tags } };
}

/** `describe` for tests that need such a machine. */
export const describeOnMachine = describeWith(['unshare', 'nsenter', 'chroot', 'ip', 'openssl', 'curl', 'flock', 'python3']);

export class Machine {
  private static readonly running: Machine[] = [];

  /** A machine that never booted, with this node's UserData and bundle. */
  public static async start(node: RenderedNode, world: Partial<World> = {}): Promise<Machine> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'machine-'));
    const staging = fs.mkdtempSync(path.join(os.tmpdir(), 'staging-'));
    const put = (file: string, content: string | Buffer, mode = 0o644): void => {
      fs.mkdirSync(path.dirname(path.join(staging, file)), { recursive: true });
      fs.writeFileSync(path.join(staging, file), content, { mode });
    };
    put(`upper${AUTHORITY_FILE}`, authority());
    put('upper/etc/hosts', HOSTS);
    put('upper/var/lib/cloud/instance/scripts/part-001', node.userData, 0o700);
    for (const [file, content] of Object.entries(STAND_INS)) {
      put(`upper/${file}`, content, 0o755);
    }
    const archive = execFileSync('tar', ['-c', '--owner=0', '--group=0', '-C', staging, '.'], { maxBuffer: 1 << 26 });
    fs.rmSync(staging, { recursive: true });
    fs.writeFileSync(path.join(folder, 'bundle'), node.bundle);
    const surroundings = await Surroundings.start(folder, archive, {
      instance: instance(),
      objects: [{ bucket: BUCKET, key: node.key, file: path.join(folder, 'bundle') }],
      ...world,
    });
    const machine = new Machine(folder, surroundings);
    Machine.running.push(machine);
    return machine;
  }

  public static async stopAll(): Promise<void> {
    for (const machine of Machine.running.splice(0)) {
      await machine.surroundings.stop();
      fs.rmSync(machine.folder, { recursive: true, force: true });
    }
  }

  private constructor(
    private readonly folder: string,
    private readonly surroundings: Surroundings,
  ) {}

  /** Where a file of the machine lies here. */
  public path(file: string): string {
    return path.join('/proc', this.surroundings.pid, 'root', this.folder, file);
  }

  public read(file: string): string {
    return fs.readFileSync(this.path(`upper/${file}`), 'utf8');
  }

  public bytes(file: string): Buffer {
    return fs.readFileSync(this.path(`upper/${file}`));
  }

  public exists(file: string): boolean {
    return fs.existsSync(this.path(`upper/${file}`));
  }

  public write(file: string, content: string | Buffer): void {
    const target = this.path(`upper/${file}`);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    // Programs of the test may be among them.
    fs.writeFileSync(target, content, { mode: 0o755 });
  }

  /** Permissions of a file, such as `700`. */
  public mode(file: string): string {
    return (fs.statSync(this.path(`upper/${file}`)).mode & 0o777).toString(8);
  }

  /** Files of the folder that mounts() may use as a shared file system. */
  public share(): string[] {
    return fs
      .readdirSync(this.path('share'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name).slice(this.path('share').length));
  }

  public readShare(file: string): string {
    return fs.readFileSync(this.path(`share/${file}`), 'utf8');
  }

  /** Waits until something holds on the machine. */
  public async waitFor(condition: () => boolean): Promise<void> {
    for (const started = Date.now(); !condition();) {
      if (Date.now() - started > 60_000) {
        throw new Error(`expected ${condition.toString()} within a minute`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  public remove(file: string): void {
    fs.rmSync(this.path(`upper/${file}`), { recursive: true, force: true });
  }

  /** Changes what surrounds the machine from now on. */
  public async change(world: Partial<World>): Promise<void> {
    await this.surroundings.services.change(world);
  }

  /** Shell commands that mount something before a boot; `$root` is the root folder of the machine. */
  public mounts(script: string): void {
    fs.writeFileSync(this.path('mounts.sh'), script);
  }

  /** Another object than the bundle. */
  public async putObject(bucket: string, key: string, content: Buffer): Promise<void> {
    const file = path.join(this.folder, `object-${this.surroundings.services.world.objects.length}`);
    fs.writeFileSync(file, content);
    await this.change({ objects: [...this.surroundings.services.world.objects, { bucket, key, file }] });
  }

  /** A file of DOWNLOAD_HOST. */
  public putDownload(name: string, content: Buffer): void {
    const target = path.join(this.folder, 'downloads', DOWNLOAD_HOST, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, content);
  }

  /** cloud-init runs the UserData again at the next boot. */
  public forgetUserDataRan(): void {
    fs.rmSync(this.path('user-data-ran'), { force: true });
  }

  /** Requests that the node made, each as `service:operation`. */
  public called(): string[] {
    return this.surroundings.services.calls.map(nameOf);
  }

  /** Those of one name, in which `*` stands for anything. */
  public callsOf(pattern: string): Call[] {
    return this.surroundings.services.calls.filter((call) => matches(pattern, nameOf(call)));
  }

  /** Signals that CloudFormation took. */
  public signals(): string[] {
    return this.callsOf('cloudformation:SignalResource')
      .filter((call) => call.status === 200)
      .map((call) => `${call.arguments.Status} ${call.arguments.UniqueId}`);
  }

  /** What the Auto Scaling group was told of the launch, each with the status of the answer. */
  public launches(): string[] {
    return this.callsOf('autoscaling:CompleteLifecycleAction').map((call) => `${call.arguments.LifecycleActionResult} ${call.status}`);
  }

  /** Tags of the instance as EC2 took them, the last ones. */
  public tags(): { [key: string]: string } {
    const tags: { [key: string]: string } = {};
    for (const { arguments: args, status } of this.callsOf('ec2:CreateTags')) {
      for (let n = 1; status === 200 && args[`Tag.${n}.Key`] !== undefined; n++) {
        tags[args[`Tag.${n}.Key`]] = args[`Tag.${n}.Value`];
      }
    }
    return tags;
  }

  /** Processes that the last whole boot started. */
  public processes(): number {
    return Number(fs.readFileSync(this.path('processes'), 'utf8'));
  }

  /** Boots once. `whileRunning` may cut the power by the function it gets. */
  public async boot(whileRunning?: (cutPower: () => void) => void): Promise<Boot> {
    const started = Date.now();
    const child = spawn(
      'nsenter',
      [
        '--mount',
        '--net',
        '-t',
        this.surroundings.pid,
        'unshare',
        '--mount',
        '--pid',
        '--fork',
        '--kill-child',
        path.join(__dirname, 'boot.sh'),
        this.folder,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    // nsenter executes unshare in its place.
    whileRunning?.(() => child.kill('SIGKILL'));
    const status = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 137)));
    // What is answered after it was told after every call.
    await this.change({});
    return { status, output, milliseconds: Date.now() - started };
  }

  /** Boots until the machine stays up. */
  public async run(mostBoots = 10): Promise<Boot[]> {
    const boots: Boot[] = [];
    do {
      boots.push(await this.boot());
    } while (boots[boots.length - 1].status === REBOOTED && boots.length < mostBoots);
    return boots;
  }

  /** All logs of the bootstrap, for messages of failing tests. */
  public logs(): string {
    const folder = this.path('upper/var/log/cluster-node');
    return fs.existsSync(folder)
      ? fs
          .readdirSync(folder)
          .map((file) => `--- ${file}\n${fs.readFileSync(path.join(folder, file), 'utf8')}`)
          .join('\n')
      : '(no logs)';
  }
}

const nameOf = (call: Call): string => `${call.service}:${call.operation}`;
