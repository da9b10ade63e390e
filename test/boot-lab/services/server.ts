/**
 * Runs inside the network namespace of a machine and answers everything it may talk to. The lab starts it with an IPC
 * channel, through which the world comes in and every call goes out.
 */
import { readFileSync } from 'node:fs';
import { createServer, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, Server } from 'node:net';
import { createSecureContext, SecureContext } from 'node:tls';
import { once } from 'node:events';
import * as path from 'node:path';
import { AwsEndpoints } from './aws';
import { exchange, Operation, Request, Surroundings } from './exchange';
import { FaultPlan } from './faults';
import { serveFolder, unknownHost } from './files';
import { InstanceMetadataService } from './imds';
import { proxyOf } from './proxy';
import { Call, FromServices, ToServices, World } from './world';

export interface ServerSettings {
  readonly certificates: string;
  readonly packages: string;
  /** Folder with one folder per host name. */
  readonly downloads: string;
  readonly world: World;
}

export const SERVICES_ADDRESS = '10.99.0.10';
export const METADATA_ADDRESS = '169.254.169.254';
export const METADATA_ADDRESS_IPV6 = 'fd00:ec2::254';
export const PROXY_PORT = 3128;
export const PACKAGES_HOST = 'packages.lab.test';

async function main(): Promise<void> {
  const settings = JSON.parse(readFileSync(process.argv[2], 'utf8')) as ServerSettings;
  let world = settings.world;
  let faults = new FaultPlan(world.faults);
  const tell = (message: FromServices): void => void process.send?.(message);
  const report = (call: Call): void => tell({ kind: 'call', call });
  const surroundings = (): Surroundings => ({ world, faults, report });

  const metadata = new InstanceMetadataService();
  const aws = new AwsEndpoints((tags) => {
    world = { ...world, instance: { ...world.instance, tags: { ...world.instance.tags, ...tags } } };
  });
  const understandHost = (request: Request, current: World): Operation => {
    if (request.host === PACKAGES_HOST) return serveFolder('packages', settings.packages, request);
    if (DOWNLOAD_HOSTS.test(request.host)) return serveFolder('downloads', path.join(settings.downloads, request.host), request);
    const ofAws = aws.understand(request, current);
    if (ofAws !== undefined) return ofAws;
    return unknownHost(request);
  };
  const listener =
    (understand: (request: Request, current: World) => Operation): RequestListener =>
    (incoming: IncomingMessage, outgoing: ServerResponse) => {
      exchange(incoming, outgoing, surroundings, understand).catch((error: unknown) => {
        process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
        outgoing.destroy();
      });
    };

  const certificate = certificateOf(settings.certificates, 'server');
  const strangers = createSecureContext(certificateOf(settings.certificates, 'stranger'));
  const contextFor = (host: string): SecureContext | undefined =>
    world.strangers.some((service) => host.split('.').includes(service)) ? strangers : undefined;
  const proxy = createServer();
  proxyOf(proxy, SERVICES_ADDRESS, report);
  await Promise.all([
    ...[METADATA_ADDRESS, METADATA_ADDRESS_IPV6].map(async (address) =>
      listen(createServer(listener((request, current) => metadata.understand(request, current))), address, 80),
    ),
    listen(createServer(listener(understandHost)), SERVICES_ADDRESS, 80),
    listen(
      createTlsServer({ ...certificate, SNICallback: (host, use) => use(null, contextFor(host)) }, listener(understandHost)),
      SERVICES_ADDRESS,
      443,
    ),
    listen(proxy, SERVICES_ADDRESS, PROXY_PORT),
    listen(
      fileServer(() => world, report),
      SERVICES_ADDRESS,
      2049,
    ),
  ]);

  process.on('message', (message: ToServices) => {
    if (message.kind === 'stop') process.exit(0);
    world = { ...world, ...message.world };
    if (message.world.faults !== undefined) faults = new FaultPlan(message.world.faults);
    tell({ kind: 'changed', id: message.id });
  });
  process.on('disconnect', () => process.exit(0));
  tell({ kind: 'listening' });
}

function certificateOf(folder: string, name: string): { readonly key: Buffer; readonly cert: Buffer } {
  return { key: readFileSync(path.join(folder, `${name}.key`)), cert: readFileSync(path.join(folder, `${name}.crt`)) };
}

const DOWNLOAD_HOSTS = /\.cloudfront\.net$|\.lab\.test$|^awscli\.amazonaws\.com$|^amazoncloudwatch-agent-/;

/** Speaks just enough for the mount helper of the image: one line with the export in, `ok` or a reason out. */
function fileServer(current: () => World, report: (call: Call) => void): Server {
  return createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (data) => {
      const available = current().fileSystemsAvailable;
      const [type, source, options] = data.toString().trim().split('\t');
      report({
        time: Date.now(),
        service: 'nfs',
        operation: 'mount',
        arguments: { type: type ?? '', source: source ?? '', options: options ?? '' },
        status: available ? 200 : 503,
        caller: 'bootstrap',
        userAgent: '',
        byFault: !available,
      });
      socket.end(available ? 'ok\n' : 'Connection timed out\n');
    });
  });
}

async function listen(server: Server, address: string, port: number): Promise<void> {
  server.listen(port, address);
  await once(server, 'listening');
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
    process.exit(1);
  });
}
