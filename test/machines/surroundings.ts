import { ChildProcess, execFileSync, spawn } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Services } from '../boot-lab/services/client';
import { SERVICES_ADDRESS } from '../boot-lab/services/server';
import { AWS_SERVICES, type World } from '../boot-lab/services/world';

export const REGION = 'eu-central-1';
export const DOWNLOAD_HOST = 'downloads.lab.test';
export const INSTANCE_ID = 'i-0123456789abcdef0';
/** Where a machine has the certificate of the authority that its services are vouched for by. */
export const AUTHORITY_FILE = '/etc/test-ca.pem';

/** The /etc/hosts of a machine. */
export const HOSTS = [
  '127.0.0.1 localhost',
  ...AWS_SERVICES.map((service) => `${SERVICES_ADDRESS} ${service}.${REGION}.amazonaws.com`),
  `${SERVICES_ADDRESS} ${DOWNLOAD_HOST}\n`,
].join('\n');

/** What surrounds a machine when a test does not say otherwise. */
export const PLAIN_WORLD: World = {
  region: REGION,
  partition: 'aws',
  account: '111122223333',
  instance: { id: INSTANCE_ID, type: 'm7i.large', image: 'ami-0', tags: {}, stack: 'desktop-1', userData: '' },
  credentials: { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret+key/of=the-role', sessionToken: 'session/token+of=the-role==' },
  policy: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  objects: [],
  secrets: {},
  stacks: {},
  faults: [],
  clockAheadSeconds: 0,
  fileSystemsAvailable: true,
  onlyThroughProxy: false,
  strangers: [],
};

let madeCertificates: string | undefined;

/** Folder with the certificates of the boot lab. */
function certificates(): string {
  if (madeCertificates === undefined) {
    madeCertificates = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'certificates-')), 'made');
    execFileSync('bash', [path.join(__dirname, '../boot-lab/image/build.sh'), 'certificates', madeCertificates], { stdio: 'pipe' });
  }
  return madeCertificates;
}

/** The content of AUTHORITY_FILE. */
export function authority(): Buffer {
  return fs.readFileSync(path.join(certificates(), 'authority.crt'));
}

/** A network of its own, in which the services of the boot lab answer on their real addresses and names. */
export class Surroundings {
  /** `archive` is unpacked into the folder, as only the processes of the network see it. */
  public static async start(folder: string, archive: Buffer, world: Partial<World>): Promise<Surroundings> {
    const holder = spawn('unshare', ['--mount', '--net', path.join(__dirname, 'start-network.sh'), folder, SERVICES_ADDRESS], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let errors = '';
    holder.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    holder.stdin.write(archive);
    holder.stdin.end();
    await new Promise<void>((resolve, reject) => {
      holder.stdout.once('data', () => resolve());
      holder.once('exit', (status) => reject(new Error(`the network ended with status ${status}: ${errors}`)));
    });
    const services = await Services.start({
      inNetwork: ['nsenter', '--net', '--target', String(holder.pid)],
      names: false,
      folder,
      certificates: certificates(),
      packages: folder,
      downloads: path.join(folder, 'downloads'),
      world: { ...PLAIN_WORLD, ...world },
    });
    return new Surroundings(holder, services);
  }

  private constructor(
    private readonly holder: ChildProcess,
    public readonly services: Services,
  ) {}

  /** The process that holds the namespaces. */
  public get pid(): string {
    return String(this.holder.pid);
  }

  public async stop(): Promise<void> {
    await this.services.stop();
    this.holder.kill('SIGKILL');
  }
}
