import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { DOWNLOAD_SETTINGS } from '../../lib/bootstrap/download-settings';
import { VariableReference } from '../../lib/templates/value-kinds';
import type { LaunchedNode } from './app/synthesis';
import { CODE_FOLDER } from './observation';

/** Where the builder leaves the exit statuses of the runner, one a line. */
export const BAKE_STATUSES = '/var/lib/lab/bake-statuses';

/** The bundle of a node, as it is in S3. */
export function bundleOf(objects: LaunchedNode['objects']): Buffer {
  const [bundle] = objects.filter(({ key }) => key.endsWith('.cluster-node-bundle'));
  return readFileSync(bundle.file);
}

/** The lines of download settings, name and encoded value, in user data. */
export function downloadSettingsOf(userData: string): readonly string[] {
  const names = DOWNLOAD_SETTINGS.map((key) => new VariableReference(key, 'download').variable);
  const text = Buffer.from(userData, 'base64').toString('utf8');
  return text.match(new RegExp(`^(${names.join('|')})=.*$`, 'gm')) ?? [];
}

/**
 * User data of a builder's instance, which runs the installs of a node as a baker of images does: with the bundle and the
 * download settings, and again after a restart when it is asked to.
 */
export function bakeUserData(node: LaunchedNode, settings: Readonly<Record<string, string>>, keepsBundle: boolean): string {
  const archive = gzipSync(bundleOf(node.objects)).toString('base64');
  const lines = downloadSettingsOf(node.userData);
  const own = Object.entries(settings).map(([name, value]) => `${name}=${Buffer.from(value).toString('base64')}`);
  const values = [...lines.filter((line) => settings[line.split('=', 1)[0]] === undefined), ...own];
  return `#!/bin/bash
mkdir -p ${CODE_FOLDER} /run/cluster-node /var/lib/lab
base64 --decode <<'BUNDLE' | tar -xz -C ${CODE_FOLDER}
${archive.replace(/.{76}/g, '$&\n')}
BUNDLE
cat >/run/cluster-node/values <<'VALUES'
${values.join('\n')}
VALUES
status=194
while ((status == 194)); do
  status=0
  bash ${CODE_FOLDER}/runner.sh install || status=$?
  echo "$status" >>${BAKE_STATUSES}
  # What the restart would change.
  sed "s/^btime .*/btime $(date +%s)/" /proc/stat >/run/next-boot-time
  cat /run/next-boot-time >/run/boot-time
done
${keepsBundle ? '' : `rm -rf ${CODE_FOLDER}\n`}`;
}

/** Where it lies, a driver was installed for the GPU, whose version it holds. */
export const INSTALLED_DRIVER = '/var/lib/lab/nvidia-version';

/**
 * A unit of the machine that gives it an NVIDIA card, or none, before anything looks. The module of its driver is loaded: always,
 * or from the boot on after it was installed.
 */
export function gpuUnit(place: string | undefined, isAlwaysDriven: boolean): string {
  const card = `/sys/bus/pci/devices/${place}`;
  const module = `mkdir -p /sys/module/nvidia; if [[ -e ${INSTALLED_DRIVER} ]]; then cat ${INSTALLED_DRIVER}; else echo 1; fi >/sys/module/nvidia/version`;
  return `[Unit]
DefaultDependencies=no
Before=sysinit.target systemd-udevd.service systemd-udev-trigger.service systemd-udevd-control.socket systemd-udevd-kernel.socket
[Service]
Type=oneshot
ExecStart=/bin/mount -t tmpfs gpu /sys/bus/pci/devices
${place === undefined ? '' : `ExecStart=/bin/mkdir ${card}\nExecStart=/bin/bash -c 'echo 0x030000 >${card}/class; echo 0x10de >${card}/vendor'`}
ExecStart=/bin/mount -o remount,rw /sys
ExecStart=/bin/bash -c '${isAlwaysDriven ? '' : `[[ ! -e ${INSTALLED_DRIVER} ]] || { `}${module}${isAlwaysDriven ? '' : '; }'}'
ExecStart=/bin/mount -o remount,ro /sys
`;
}
