import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/** A package of the lab: it carries a real name, and next to nothing. */
interface LabPackage {
  readonly requires?: readonly string[];
  /** A systemd unit that sleeps, or runs the program of its name from the folder commands/. */
  readonly service?: string;
  readonly serviceProgram?: boolean;
  /** Another name of the unit, under which a target starts it. */
  readonly alias?: string;
  /** Files of the base image, which the machine image does not have: the real thing. */
  readonly real?: readonly string[];
  /** A folder for configuration. */
  readonly folder?: string;
  /** Files of configuration, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** A system user. */
  readonly user?: string;
  /** Programs, from the folder commands/, or ones that only record how they were called. */
  readonly commands?: readonly string[];
  /** The same at other paths. */
  readonly programs?: readonly string[];
  /** The package says, as its family does, that a reboot is needed. */
  readonly rebootRequired?: boolean;
}

interface PackageList {
  readonly rpm: { readonly packages: Readonly<Record<string, LabPackage>>; readonly groups: Readonly<Record<string, readonly string[]>> };
  readonly deb: { readonly packages: Readonly<Record<string, LabPackage>> };
  readonly dcv: { readonly version: string; readonly olderVersion: string; readonly packages: Readonly<Record<string, LabPackage>> };
}

export const PACKAGE_LIST = JSON.parse(readFileSync(path.join(__dirname, 'packages.json'), 'utf8')) as PackageList;

/** Host of the DCV archives of the lab. */
export const DCV_DOWNLOAD_HOST = 'd1uj6qtbmh3dt5.cloudfront.net';

/** Path of a DCV archive there. */
export function dcvArchive(family: 'rpm' | 'deb', version = PACKAGE_LIST.dcv.version): string {
  return `/lab/nice-dcv-${version}-${family === 'rpm' ? 'amzn2023' : 'ubuntu2404'}-x86_64.tgz`;
}

/** Host of the AWS CLI, and where its archive is there: one that says its version, and no more. */
export const AWS_CLI_HOST = 'awscli.amazonaws.com';
export const AWS_CLI_VERSION = '2.99.1';
export const AWS_CLI_ARCHIVE = `/awscli-exe-linux-x86_64-${AWS_CLI_VERSION}.zip`;

/** Host of the CloudWatch agent, and where its package for Ubuntu and the key that the lab has signed it by are there. */
export const CLOUDWATCH_AGENT_HOST = 'amazoncloudwatch-agent-eu-central-1.s3.eu-central-1.amazonaws.com';
const CLOUDWATCH_AGENT = 'amazon-cloudwatch-agent';
const CLOUDWATCH_AGENT_PACKAGE = `ubuntu/amd64/latest/${CLOUDWATCH_AGENT}.deb`;
export const CLOUDWATCH_AGENT_KEY = `assets/${CLOUDWATCH_AGENT}.gpg`;
export const CLOUDWATCH_AGENT_FINGERPRINT = 'fingerprint';

const VERSION = '1.0';
// With an epoch, because libraries of Debian break older versions of packages whose names these have.
const DEB_VERSION = '9:1.0';
const DCV_VERSIONS = [PACKAGE_LIST.dcv.version, PACKAGE_LIST.dcv.olderVersion];

/** Writes the repositories and the DCV archives below `out`: rpm/, deb/ and downloads/<host>/. The rpm tools are those of the base image. */
export function buildPackageRepositories(base: string, out: string): void {
  // Of this process, as it fills the folder before any lock.
  const part = `${out}.${process.pid}.part`;
  mkdirSync(path.join(part, 'packages'), { recursive: true });
  const downloads = path.join(part, 'downloads', DCV_DOWNLOAD_HOST, 'lab');
  mkdirSync(downloads, { recursive: true });

  mkdirSync(path.join(part, 'downloads', AWS_CLI_HOST), { recursive: true });
  const agent = path.join(part, 'downloads', CLOUDWATCH_AGENT_HOST);
  for (const file of [CLOUDWATCH_AGENT_PACKAGE, CLOUDWATCH_AGENT_KEY]) mkdirSync(path.dirname(path.join(agent, file)), { recursive: true });

  const staging = path.join(part, 'staging');
  stageAwsCli(path.join(staging, 'aws-cli', 'aws'));
  stageRpm(base, path.join(staging, 'rpm'), 'noarch', VERSION, '1', {
    ...PACKAGE_LIST.rpm.packages,
    // Scriptlets ask for the shell, which in this image comes from outside the database.
    'system-release': { requires: [] },
  });
  writeFileSync(path.join(staging, 'rpm', 'comps.xml'), comps(PACKAGE_LIST.rpm.groups));
  stageDeb(path.join(staging, 'deb'), 'all', DEB_VERSION, PACKAGE_LIST.deb.packages);
  // Ubuntu's repositories do not have it.
  stageDeb(path.join(staging, 'cloudwatch-agent'), 'amd64', VERSION, {
    [CLOUDWATCH_AGENT]: PACKAGE_LIST.rpm.packages[CLOUDWATCH_AGENT],
  });
  for (const version of DCV_VERSIONS) {
    stageRpm(base, path.join(staging, `dcv-rpm-${version}`), 'x86_64', version.replace('-', '.'), '1.amzn2023', PACKAGE_LIST.dcv.packages);
    stageDeb(path.join(staging, `dcv-deb-${version}`), 'amd64', `${version.replace('-', '.')}-1`, PACKAGE_LIST.dcv.packages);
  }
  execFileSync('unshare', ['--mount', 'bash', path.join(__dirname, 'package-repositories.sh'), base, staging, part, ...DCV_VERSIONS], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, AWS_CLI: `${AWS_CLI_HOST}${AWS_CLI_ARCHIVE}` },
  });
  execFileSync(
    'dpkg-deb',
    [
      '--build',
      '--root-owner-group',
      '-Znone',
      path.join(staging, 'cloudwatch-agent', CLOUDWATCH_AGENT),
      path.join(agent, CLOUDWATCH_AGENT_PACKAGE),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  sign(agent);
  rmSync(staging, { recursive: true });
  // Another run may have built it meanwhile.
  if (existsSync(out)) rmSync(part, { recursive: true });
  else renameSync(part, out);
}

/** Signs the package of the agent as AWS does, by a key that is made for it and then gone. */
function sign(folder: string): void {
  // A path short enough for the socket of the agent of GnuPG.
  const home = mkdtempSync(path.join(tmpdir(), 'boot-lab-gpg-'));
  const options = ['--homedir', home, '--batch', '--quiet', '--passphrase', ''];
  const gpg = (...args: string[]): string =>
    execFileSync('gpg', [...options, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    gpg('--quick-gen-key', 'boot lab', 'rsa2048', 'sign', 'never');
    gpg('--detach-sign', path.join(folder, CLOUDWATCH_AGENT_PACKAGE));
    writeFileSync(path.join(folder, CLOUDWATCH_AGENT_KEY), gpg('--armor', '--export'));
    writeFileSync(path.join(folder, CLOUDWATCH_AGENT_FINGERPRINT), /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--with-colons', '--list-keys'))![1]);
  } finally {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    rmSync(home, { recursive: true, force: true });
  }
}

/** The installer takes the options of the real one. */
function stageAwsCli(folder: string): void {
  const version = `if [[ \${1-} == --version ]]; then echo 'aws-cli/${AWS_CLI_VERSION} Python/3.14.0'; exit; fi`;
  const program = `#!/bin/bash\n${version}\n${commandText('aws')}`;
  const install = [
    '#!/bin/bash',
    'set -eu',
    '[[ $1 == --bin-dir && $3 == --install-dir && $5 == --update ]]',
    'mkdir -p "$4" "$2"',
    'cp -r "$(dirname "$0")/dist" "$4/"',
    'ln -sf "$4/dist/aws" "$2/aws"',
    'echo "You can now run: $2/aws --version"',
  ];
  writeTree(
    folder,
    new Map([
      ['dist/aws', { text: program, mode: 0o755 }],
      ['install', { text: `${install.join('\n')}\n`, mode: 0o755 }],
    ]),
  );
}

/** Files of one package, by path. */
function filesOf(name: string, labPackage: LabPackage): Map<string, { readonly text: string; readonly mode: number }> {
  const files = new Map([[`/usr/share/boot-lab/${name}`, { text: `${name}\n`, mode: 0o644 }]]);
  if (labPackage.folder !== undefined) files.set(`${labPackage.folder}/README`, { text: `Configuration of ${name}.\n`, mode: 0o644 });
  for (const [file, text] of Object.entries(labPackage.files ?? {})) files.set(file, { text, mode: 0o644 });
  if (labPackage.service !== undefined) {
    const program = `/usr/lib/boot-lab/${labPackage.service}`;
    if (labPackage.serviceProgram === true) files.set(program, { text: commandText(labPackage.service), mode: 0o755 });
    files.set(`/usr/lib/systemd/system/${labPackage.service}.service`, {
      text: `[Unit]\nDescription=${labPackage.service} of the boot lab\n[Service]\nExecStart=${labPackage.serviceProgram === true ? program : '/bin/sleep infinity'}\n[Install]\n${labPackage.alias === undefined ? 'WantedBy=multi-user.target' : `Alias=${labPackage.alias}.service`}\n`,
      mode: 0o644,
    });
  }
  for (const program of labPackage.programs ?? []) files.set(program, { text: commandText(path.basename(program)), mode: 0o755 });
  for (const command of labPackage.commands ?? []) files.set(`/usr/bin/${command}`, { text: commandText(command), mode: 0o755 });
  return files;
}

/** Each command records its arguments, one line per call, and then does what commands/<name> says, if there is such a file. */
function commandText(command: string): string {
  let body = '';
  try {
    body = readFileSync(path.join(__dirname, 'commands', `${command}.sh`), 'utf8').replace(/^#!.*\n/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // In one piece, as several may run at a time. Where a real desktop is in the image, its own program takes over.
  const real = `/usr/lib/boot-lab/desktop/${command}`;
  return `#!/bin/bash\nwords=\n(($# == 0)) || printf -v words ' %q' "$@"\nprintf '%s\\n' "${command}$words" >>/var/lib/lab/commands\nif [[ -x ${real} ]]; then exec ${real} "$@"; fi\n${body}`;
}

function installedNote(name: string, labPackage: LabPackage, family: 'rpm' | 'deb'): string {
  const reboot = labPackage.rebootRequired === true ? `touch /run/reboot-required; echo ${name} >>/run/reboot-required.pkgs; ` : '';
  const user = labPackage.user === undefined ? '' : `id -u ${labPackage.user} >/dev/null 2>&1 || useradd --system ${labPackage.user}; `;
  // Debian's packages do so themselves.
  const alias =
    family === 'deb' && labPackage.alias !== undefined
      ? `ln -sf /usr/lib/systemd/system/${labPackage.service}.service /etc/systemd/system/${labPackage.alias}.service; `
      : '';
  // Where a scenario says so.
  const later = family === 'deb' ? `if grep -qsx ${name} /var/lib/lab/desktop/needs-reboot; then touch /run/reboot-required; fi; ` : '';
  // Where a real desktop is in the image, the rest of what the real package does.
  const more = `/usr/lib/boot-lab/installed/${name}`;
  return `mkdir -p /var/lib/lab; ${later}${user}${reboot}${alias}if [ -x ${more} ]; then ${more}; fi; echo ${name} >>/var/lib/lab/installed`;
}

function writeTree(folder: string, files: ReturnType<typeof filesOf>): void {
  for (const [file, { text, mode }] of files) {
    const target = path.join(folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
    chmodSync(target, mode);
  }
}

/** One spec with a subpackage each: rpmbuild takes a quarter of a second per run, not per package. */
function stageRpm(
  base: string,
  folder: string,
  architecture: string,
  version: string,
  release: string,
  packages: Readonly<Record<string, LabPackage>>,
): void {
  const lines = [
    `Name: boot-lab-${path.basename(folder)}`,
    `Version: ${version}`,
    `Release: ${release}`,
    'Summary: packages of the boot lab',
    'License: none',
    ...(architecture === 'noarch' ? ['BuildArch: noarch'] : []),
    'AutoReqProv: no',
    '%description',
    'Packages of the boot lab.',
    '%install',
    `cp -a /staging/${path.basename(folder)}/tree/. "$RPM_BUILD_ROOT/"`,
  ];
  for (const [name, labPackage] of Object.entries(packages)) {
    const files = filesOf(name, labPackage);
    writeTree(path.join(folder, 'tree'), files);
    for (const file of labPackage.real ?? []) {
      mkdirSync(path.dirname(path.join(folder, 'tree', file)), { recursive: true });
      copyFileSync(path.join(base, file), path.join(folder, 'tree', file));
    }
    lines.push(`%package -n ${name}`, `Summary: ${name} of the boot lab`, 'AutoReqProv: no');
    if (name === 'system-release') lines.push('Provides: /bin/sh', 'Provides: /bin/bash');
    for (const required of labPackage.requires ?? []) lines.push(`Requires: ${required}`);
    lines.push(
      `%description -n ${name}`,
      `${name} of the boot lab.`,
      `%files -n ${name}`,
      ...files.keys(),
      ...(labPackage.real ?? []),
      `%post -n ${name}`,
      installedNote(name, labPackage, 'rpm'),
    );
  }
  writeFileSync(path.join(folder, 'packages.spec'), `${lines.join('\n')}\n`);
}

function stageDeb(folder: string, architecture: string, version: string, packages: Readonly<Record<string, LabPackage>>): void {
  for (const [name, labPackage] of Object.entries(packages)) {
    const tree = path.join(folder, name);
    writeTree(tree, filesOf(name, labPackage));
    const control = [
      `Package: ${name}`,
      `Version: ${version}`,
      `Architecture: ${architecture}`,
      'Maintainer: boot lab <lab@lab.test>',
      ...(labPackage.requires === undefined ? [] : [`Depends: ${labPackage.requires.join(', ')}`]),
      `Description: ${name} of the boot lab`,
    ];
    mkdirSync(path.join(tree, 'DEBIAN'), { recursive: true });
    writeFileSync(path.join(tree, 'DEBIAN', 'control'), `${control.join('\n')}\n`);
    writeFileSync(
      path.join(tree, 'DEBIAN', 'postinst'),
      `#!/bin/sh\nset -e\n[ "$1" = configure ] || exit 0\n${installedNote(name, labPackage, 'deb')}\n`,
      { mode: 0o755 },
    );
  }
}

function comps(groups: Readonly<Record<string, readonly string[]>>): string {
  const group = ([name, members]: [string, readonly string[]]): string =>
    `<group><id>${name.toLowerCase().replaceAll(' ', '-')}</id><name>${name}</name><description>${name}</description><default>false</default><uservisible>true</uservisible>` +
    `<packagelist>${members.map((member) => `<packagereq type="mandatory">${member}</packagereq>`).join('')}</packagelist></group>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<comps>${Object.entries(groups).map(group).join('')}</comps>\n`;
}
