import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import type { DcvOptions } from '../../../lib/nodes/dcv-options';
import { NodeOs } from '../../../lib/nodes/node-os';
import { PackageManager } from '../../../lib/nodes/node-os-props';
import { Machine, Outcome } from './machine';
import { ArchitectureName, Node, runPhase } from './phase-scripts';

/** A DCV archive as the vendor makes it, with packages that a desktop does not need beside those that it does. */
export function dcvArchive(system: NodeOs, architecture: ArchitectureName): Buffer {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dcv-'));
  const deb = system.packageManager === PackageManager.APT;
  const names = [
    'nice-dcv-server',
    'nice-dcv-web-viewer',
    'nice-xdcv',
    'nice-dcv-gl',
    'nice-dcv-gltest',
    'nice-dcv-simple-external-authenticator',
  ];
  const machine = deb ? { x86_64: 'amd64', arm64: 'arm64' }[architecture] : { x86_64: 'x86_64', arm64: 'aarch64' }[architecture];
  const inner = path.join(folder, 'nice-dcv-2025.0-20103');
  fs.mkdirSync(inner);
  for (const name of names) {
    fs.writeFileSync(
      path.join(inner, deb ? `${name}_2025.0.20103-1_${machine}.${system.name}.deb` : `${name}-2025.0.20103-1.el9.${machine}.rpm`),
      name,
    );
  }
  fs.writeFileSync(path.join(inner, 'nice-dcv-gl-2025.0.20103-1.el9.i686.rpm'), '');
  const archive = spawnSync('tar', ['-cz', '-C', folder, 'nice-dcv-2025.0-20103'], { maxBuffer: 1 << 24 }).stdout;
  fs.rmSync(folder, { recursive: true });
  return archive;
}

export interface Desktop {
  readonly os?: NodeOs;
  readonly architecture?: ArchitectureName;
  readonly sessionType?: 'virtual' | 'console';
  readonly gpu?: 'nvidia' | 'amd' | 'none';
  readonly driver?: boolean;
  readonly dcv?: DcvOptions;
  readonly context?: { readonly [key: string]: unknown };
}

/** A machine on which the earlier phases have run. */
export function desktopMachine({
  os: system = NodeOs.AMAZON_LINUX_2023,
  architecture = 'x86_64',
  gpu = 'none',
  driver = true,
}: Desktop = {}): Machine {
  const machine = new Machine().write('/var/lib/machine/download', dcvArchive(system, architecture));
  if (gpu !== 'none') {
    machine.pciDevice('0000:00:1e.0', gpu === 'amd' ? '0x1002' : '0x10de', '0x030000');
  }
  if (gpu !== 'none' && driver) {
    machine.kernelModule(gpu === 'amd' ? 'amdgpu' : 'nvidia');
  }
  return machine;
}

/** Runs both steps of the phase. */
export function runOn(
  machine: Machine,
  { os: system = NodeOs.AMAZON_LINUX_2023, architecture = 'x86_64', sessionType = 'virtual', dcv, context = {} }: Desktop = {},
): Promise<Outcome> {
  const node: Node = {
    os: system,
    architecture,
    nodeType: 'dcv_node',
    dcv,
    context: {
      '/dcv/SessionType': sessionType,
      '/system/dcv/sha256': createHash('sha256')
        .update(fs.readFileSync(machine.path('/var/lib/machine/download')))
        .digest('hex'),
      ...context,
    },
  };
  return runPhase(machine, 'virtual_desktop', node);
}

export const runDesktop = async (desktop: Desktop): Promise<{ machine: Machine; outcome: Outcome }> => {
  const machine = desktopMachine(desktop);
  return { machine, outcome: await runOn(machine, desktop) };
};
