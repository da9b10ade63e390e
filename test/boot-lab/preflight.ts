import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import * as path from 'node:path';
import { cacheFolder, debianSource } from './image/images';

const TOOLS = [
  'bash',
  'mmdebstrap',
  'systemd-nspawn',
  'dnsmasq',
  'strace',
  'ip',
  'nsenter',
  'unshare',
  'script',
  'flock',
  'openssl',
  'dpkg-deb',
  'gpg',
  'mkfs.ext4',
  'losetup',
  'perl',
  'mount',
  'umount',
];

/** Why this machine cannot boot the lab's machines; undefined when it can. */
export function obstacle(): string | undefined {
  if (process.platform !== 'linux') return `it needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'it needs root';
  const missing = TOOLS.filter((tool) => !isInstalled(tool));
  if (missing.length > 0) return `these tools are missing: ${missing.join(', ')}`;
  if (debianSource() === undefined) return "apt's sources on this machine name no Debian mirror, and the images are made of its packages";
  const probe = ['bash', path.join(__dirname, 'probe.sh'), cacheFolder()];
  const { status, stdout, stderr } = spawnSync('unshare', ['--net', '--mount', '--pid', '--fork', ...probe], { encoding: 'utf8' });
  if (status !== 0) return stdout.trim() || `namespaces cannot be made here: ${stderr.trim()}`;
  return undefined;
}

function isInstalled(tool: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(path.join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
