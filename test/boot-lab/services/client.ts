import { ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { patience } from '../patience';
import { Call, FromServices, ToServices, World } from './world';
import { MACHINE_ADDRESS, MACHINE_MAC } from './imds';
import type { ServerSettings } from './server';

const REPOSITORY = path.join(__dirname, '..', '..', '..');
const START_LIMIT_SECONDS = 20;

export interface ServicesOptions {
  /** Command that runs another one in the network of the machine. */
  readonly inNetwork: readonly string[];
  /** Whether DHCP and DNS answer as well. */
  readonly names: boolean;
  /** Where logs go. */
  readonly folder: string;
  readonly certificates: string;
  readonly packages: string;
  readonly downloads: string;
  readonly world: World;
}

/** The services around one machine, seen from the lab: a process in the network namespace, and dnsmasq. */
export class Services {
  /** Every call so far, oldest first. */
  public readonly calls: Call[] = [];
  private readonly waiting = new Map<number, () => void>();
  private readonly watchers = new Set<(call: Call) => void>();
  private lastChange = 0;
  private current: World;

  private constructor(
    private readonly options: ServicesOptions,
    private readonly server: ChildProcess,
    private names: ChildProcess | undefined,
  ) {
    this.current = options.world;
  }

  /** The world as the lab last set it; tags that the node writes are not in it. */
  public get world(): World {
    return this.current;
  }

  public static async start(options: ServicesOptions): Promise<Services> {
    const settings: ServerSettings = {
      certificates: options.certificates,
      packages: options.packages,
      downloads: options.downloads,
      world: options.world,
    };
    const settingsFile = path.join(options.folder, 'services.json');
    writeFileSync(settingsFile, JSON.stringify(settings), { mode: 0o600 });
    const log = openSync(path.join(options.folder, 'services.log'), 'a');
    const [command, ...args] = options.inNetwork;
    const server = spawn(
      command,
      [...args, process.execPath, '-r', './scripts/register-typescript.cjs', path.join(__dirname, 'server.ts'), settingsFile],
      { cwd: REPOSITORY, stdio: ['ignore', log, log, 'ipc'] },
    );
    closeSync(log);
    const services = new Services(options, server, undefined);
    const limitSeconds = START_LIMIT_SECONDS * patience();
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => {
        server.kill('SIGKILL');
        reject(new Error(`the services did not start within ${limitSeconds} s, see ${options.folder}/services.log`));
      }, limitSeconds * 1000);
      server.once('exit', (code) => reject(new Error(`the services ended with ${code}, see ${options.folder}/services.log`)));
      server.on('message', (message: FromServices) => {
        if (message.kind === 'listening') {
          clearTimeout(limit);
          resolve();
        } else {
          services.receive(message);
        }
      });
    });
    if (options.names) services.startNames();
    return services;
  }

  /** Changes the world from now on; resolves when the change is in force; never, when the services have ended before. */
  public async change(world: Partial<World>): Promise<void> {
    if (!this.server.connected) return new Promise(() => undefined);
    const id = ++this.lastChange;
    this.current = { ...this.current, ...world };
    const message: ToServices = { kind: 'change', world, id };
    await new Promise<void>((resolve) => {
      this.waiting.set(id, resolve);
      this.server.send(message);
    });
  }

  public onCall(watcher: (call: Call) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  public stopNames(): void {
    this.names?.kill();
    this.names = undefined;
  }

  /** DHCP and DNS. With a proxy, public names lead to an address where nothing listens. */
  public startNames(): void {
    const log = openSync(path.join(this.options.folder, 'dnsmasq.log'), 'a');
    const publicAddress = this.options.world.onlyThroughProxy ? '10.99.0.99' : '10.99.0.10';
    const names = ['amazonaws.com', 'amazonaws.com.cn', 'cloudfront.net', 'packages.lab.test'].map(
      (name) => `--address=/${name}/${publicAddress}`,
    );
    const args = [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--user=root',
      '--interface=bridge',
      '--bind-interfaces',
      '--no-resolv',
      '--no-hosts',
    ];
    const leases = [`--dhcp-range=${MACHINE_ADDRESS},${MACHINE_ADDRESS},1h`, `--dhcp-host=${MACHINE_MAC},${MACHINE_ADDRESS}`];
    const others = [
      '--pid-file=',
      '--leasefile-ro',
      '--dhcp-option=3,10.99.0.10',
      '--dhcp-option=6,10.99.0.10',
      '--address=/proxy.lab.test/10.99.0.10',
      '--log-queries',
      '--log-facility=-',
    ];
    const fileServers = `--address=/nfs.lab.test/10.99.0.10`;
    const efs = `--address=/efs.${this.options.world.region}.amazonaws.com/10.99.0.10`;
    const [command, ...inNetwork] = this.options.inNetwork;
    this.names = spawn(command, [...inNetwork, 'dnsmasq', ...args, ...leases, ...others, ...names, fileServers, efs], {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
  }

  public async stop(): Promise<void> {
    this.stopNames();
    if (this.server.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => this.server.once('exit', () => resolve()));
    this.server.disconnect();
    await ended;
  }

  private receive(message: FromServices): void {
    if (message.kind === 'changed') {
      this.waiting.get(message.id)?.();
      this.waiting.delete(message.id);
    } else if (message.kind === 'call') {
      this.calls.push(message.call);
      for (const watcher of this.watchers) watcher(message.call);
    }
  }
}
