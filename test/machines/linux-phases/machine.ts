import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import type { Call, Fault, World } from '../../boot-lab/services/world';
import { DOWNLOADS } from '../../../lib/nodes/private/downloads';
import { describeWith } from '../namespaces';
import { authority, AUTHORITY_FILE, HOSTS, REGION, Surroundings } from '../surroundings';
import { AWS_CLIENT } from './phase-scripts';

/**
 * A machine to run phase scripts on, as root and for real, that leaves the one under it as it is: the root file system
 * is an overlay, mounts happen in a mount namespace of their own, AWS is that of the boot lab, and every other command that
 * would reach the network, systemd or a package manager is a stand-in that writes down how it was called.
 */

/** The one secret that there is. */
export const SECRET = `arn:aws:secretsmanager:${REGION}:111122223333:secret:of-the-node`;

/** Values of the node, by variable. */
const PLAIN_VALUES: { readonly [variable: string]: string } = {
  VALUE_CONFIGURATION_REGION: REGION,
  VALUE_CONFIGURATION_HTTP_PROXY: '',
  VALUE_CONFIGURATION_HTTPS_PROXY: '',
  VALUE_CONFIGURATION_NO_PROXY: '',
  VALUE_SYSTEM_DCV_URL: 'https://dcv.example.com/dcv.tgz',
  VALUE_SYSTEM_AWS_CLI_URL: '',
  VALUE_SYSTEM_CLOUDWATCH_AGENT_URL: '',
  VALUE_SYSTEM_EFS_UTILS_URL: '',
  VALUE_SYSTEM_SSM_AGENT_URL: '',
  VALUE_JOB_JOB_PROJECT: '',
  VALUE_DCV_SESSION_OWNER: 'maria',
  VALUE_DCV_SESSION_NAME: '',
  VALUE_DCV_SESSION_ID: '',
  VALUE_LOGIN_HOST_KEYS_SECRET: SECRET,
};

/** What happened. */
export interface Outcome {
  readonly status: number;
  readonly log: string;
  /** What it printed, without its messages. */
  readonly output: string;
  /** Reason for the platform team; empty when there was none. */
  readonly reason: string;
  /** Each call of a stand-in: name and arguments; then those that AWS got: `aws`, service, operation, `NAME=VALUE`. */
  readonly calls: string[][];
  /** Why a reboot was asked for; empty when it was not. */
  readonly rebootRequest: string;
}

/** Nothing when the script ended well; else its log. */
export function failureOf(outcome: Outcome): string {
  return outcome.status === 0 && outcome.reason === '' ? '' : `status ${outcome.status}: ${outcome.reason}\n${outcome.log}`;
}

/** Stand-in by command: what it does after the call is written down. `$state` is a folder that lasts. */
const STAND_INS: { readonly [command: string]: string } = {
  dnf: 'install_packages "$@"',
  yum: 'install_packages "$@"',
  'apt-get': 'install_packages "$@"',
  'apt-cache': 'if grep -qxF -- "${@: -1}" $state/unavailable; then echo "Candidate: (none)"; else echo "Candidate: 1.0"; fi',
  'add-apt-repository': ': >$state/unavailable',
  rpm: `
    case "$*" in
      *INSTALLTIME*) cat $state/install-time ;;
      *--package*NAME*) basename "\${@: -1}" | sed 's/-[0-9].*//' ;;
      *--package*VERSION*) basename "\${@: -1}" | sed 's/^[a-z-]*-\\([0-9].*\\)\\.[^.]*\\.rpm$/\\1/' ;;
      *VERSION*) cat $state/installed-version ;;
      *--quiet*) grep -qxF -- "\${@: -1}" $state/packages ;;
      *) grep -qxF -- "\${@: -1}" $state/packages && cat $state/package-version ;;
    esac`,
  rpmkeys: 'exit "$(<$state/signature-status)"',
  'dpkg-query': 'if grep -qxF -- "${@: -1}" $state/packages; then printf installed; else exit 1; fi',
  curl: `
    if [[ \${@: -1} == http://169.254.169.254/* ]]; then exec /usr/bin/curl "$@"; fi
    if [[ -e $state/curl-status ]]; then printf 000; exit "$(<$state/curl-status)"; fi
    # A file of its own for an address, or the one for all.
    source=$state/download
    if [[ -d $state/downloads ]]; then source="$state/downloads/\${*: -1}" && source="$state/downloads/\${source##*/}"; fi
    if [[ ! -e $source ]]; then printf 404; exit 22; fi
    while (($# > 0)); do
      if [[ $1 == --output ]]; then cp "$source" "$2"; fi
      shift
    done
    printf 200`,
  uname: 'cat $state/running-kernel',
  grubby: 'printf "/boot/vmlinuz-%s\\n" "$(<$state/default-kernel)"',
  // Only names of hosts are made up: users are those of the machine.
  getent: `
    if [[ $1 != ahosts ]]; then exec /usr/bin/getent "$@"; fi
    if count_down $state/dns-failures; then exit 2; fi
    echo "10.0.0.7 STREAM $2"`,
  usermod: ':',
  ss: 'if [[ -e $state/active/dcvserver.service && $* == *:8443 || $* == *":$(<$state/ssh-port)" ]]; then echo LISTEN; fi',
  sshd: `
    if [[ -e $state/socket-activated && ! -d /run/sshd ]]; then echo "Missing privilege separation directory: /run/sshd" >&2; exit 255; fi
    case "$1" in
      -T)
        # OpenSSH before 8.7 fails at a Match block unless it knows whom to look for.
        if [[ $2 != -C || $3 != user=?*,host=?*,addr=?* ]]; then echo "'Match User' in configuration but 'user' not in connection test specification." >&2; exit 255; fi
        echo "port $(<$state/ssh-port)"
        echo "listenaddress 0.0.0.0:$(<$state/ssh-port)"
        echo "addressfamily any"
        # The first value counts.
        for word in PasswordAuthentication KbdInteractiveAuthentication; do
          awk -v word="$word" '$1 == word && !seen++ { print tolower($0) }' $state/ssh-settings-before /etc/ssh/sshd_config
        done ;;
      *) exit "$(<$state/sshd-status)" ;;
    esac`,
  'cluster-node-metadata-guard': ':',
  nft: `
    case "$1" in
      -f) if [[ -e $state/nft-problem ]]; then cat $state/nft-problem >&2; exit 1; fi; cat >$state/table ;;
      list) cat $state/table ;;
    esac`,
  // Where it finds the GPUs is in a state.
  'nvidia-xconfig': `
    for word in "$@"; do
      if [[ $word == --output-xconfig=* ]]; then
        { echo '# nvidia-xconfig'; sed 's/.*/    BusID          "&"/' $state/xconfig-places; } >"\${word#*=}"
      fi
    done`,
  'nvidia-smi': 'cat $state/nvidia-smi; exit "$(<$state/nvidia-smi-status)"',
  modprobe: `
    if [[ -s $state/modprobe-error ]]; then cat $state/modprobe-error >&2; exit 1; fi
    mkdir -p "/sys/module/$1"`,
  modinfo: `
    if [[ $1 == --field ]]; then cat "$state/module-$3-$2"; else [[ -e $state/module-$1 ]]; fi`,
  dmesg: 'cat $state/dmesg',
  dracut: ':',
  'update-initramfs': ':',
  dcvgladmin: 'if [[ -e $state/sharing-$1-fails ]]; then echo "no"; exit 1; fi',
  gpg: 'cat $state/key',
  'dpkg-divert': `
    case "$*" in
      *--remove*) mv /usr/bin/Xorg.orig /usr/bin/Xorg ;;
      *) mv /usr/bin/Xorg /usr/bin/Xorg.orig ;;
    esac`,
  'update-alternatives': `
    case "$1" in
      --install) mkdir -p /etc/alternatives ;;
      --set) ln -sfn "$3" /etc/alternatives/X ;;
      --remove) ln -sfn /usr/bin/Xorg /etc/alternatives/X ;;
    esac`,
  // What the DCV server shows its clients.
  openssl: 'if [[ $1 == s_client ]]; then cat $state/certificate; else exec /usr/bin/openssl "$@"; fi',
  dconf: ':',
  gdbus: ':',
  networkctl: 'cat $state/networkctl',
  snap: 'case "$1" in info) exit "$(<$state/snap-store)" ;; get) cat $state/snap-homes ;; install) exit "$(<$state/snap-install)" ;; esac',
  virsh: ':',
  // A shell of the desktop that runs, unless it is not to.
  pgrep: `
    if [[ ! -e $state/no-shell ]]; then echo 4242; exit; fi
    word=\${@: -1}
    if ((\${#word} > 15)); then echo 'pgrep: pattern that searches for process name longer than 15 characters' >&2; fi
    exit 1`,
  xhost: 'cat $state/xhost',
  'systemd-notify': ':',
  'firewall-cmd': ':',
  'firewall-offline-cmd': ':',
  dcv: `
    case "$1" in
      describe-session)
        if ! grep -qxF -- "\${@: -1}" $state/sessions; then exit 1; fi
        cat $state/description ;;
      get-screenshot)
        if [[ $* != *' --format PNG '* ]]; then echo 'not a format' >&2; exit 1; fi
        if [[ ! -e $state/picture ]]; then echo 'not supported' >&2; exit 1; fi
        printf '{"format": "png", "base64": "%s"}' "$(base64 --wrap=0 $state/picture)" ;;
      create-session)
        if count_down $state/dcv-failures; then exit 1; fi
        printf '%s\\n' "\${@: -1}" >>$state/sessions ;;
    esac`,
  systemctl: `
    verb=$1 unit=\${@: -1}
    case "$verb" in
      is-active) [[ -e $state/active/$unit ]] ;;
      is-enabled) [[ -e $state/enabled/$unit ]] ;;
      disable) for unit in "$@"; do rm -f "$state/enabled/$unit"; done ;;
      cat) [[ -e $state/units/$unit ]] ;;
      enable) touch "$state/enabled/$unit" ;;
      start | restart)
        case "$unit" in
          *.mount)
            if count_down $state/mount-failures; then exit 1; fi
            folder=$(systemd-escape --path --unescape "\${unit%.mount}")
            mkdir -p "$folder"
            mount --bind $state/share "$folder" ;;
          dcvserver.service)
            start_before $unit
            if grep -q '^create-session=true' /etc/dcv/dcv.conf; then echo console >$state/sessions; else : >$state/sessions; fi ;;
          gdm.service)
            start_before $unit || exit 0
            # Its process lives as long as this machine.
            echo 1 >/tmp/.X0-lock ;;
          cluster-node-dcv-session.service)
            $(sed -n 's/^ExecStart=//p' /etc/systemd/system/$unit) &
            for ((tries = 0; tries < 60; tries++)); do
              /usr/bin/sleep 0.05
              if [[ -s $state/sessions ]] || ! kill -0 $! 2>/dev/null; then break; fi
            done
            if ! kill $! 2>/dev/null; then exit 0; fi ;;
        esac
        touch "$state/active/$unit" ;;
    esac`,
};

const STAND_IN_HEADER = `#!/bin/bash
state=/var/lib/machine
{ printf '%s' "\${0##*/}"; printf '\\x1f%s' "$@"; printf '\\x1e'; } >>$state/calls

# Whether a failure is still due.
count_down() {
  local left
  left="$(<"$1")"
  if ((left == 0)); then return 1; fi
  echo $((left - 1)) >"$1"
}

# What a unit's drop-ins start before it.
start_before() {
  local command
  while read -r command; do
    $command || return 1
  done < <(sed -n 's/^ExecStartPre=[+-]*//p' /etc/systemd/system/$1.d/*.conf 2>/dev/null)
}

install_packages() {
  local word install=false status=0
  for word in "$@"; do
    case "$word" in
      list)
        if grep -qxF -- "\${@: -1}" $state/unavailable; then echo 'Error: No matching Packages to list' >&2; exit 1; fi ;;
      config-manager) : >$state/unavailable ;;
      install) install=true ;;
      -*) ;;
      *)
        if [[ $install == true ]]; then
          if grep -qxF -- "$word" $state/unavailable; then echo "Error: Unable to find a match: $word" >&2; status=1; fi
          echo "$word" >>$state/packages
        fi ;;
    esac
  done
  exit $status
}
`;

// The clock of the shell goes on by what it would have slept.
const SLEEP = '() { SECONDS=$((SECONDS + $1)); }';

const RUN_AS_ROOT = `
set -euo pipefail
folder=$1
mount -t tmpfs tmpfs "$folder/mount"
mkdir "$folder"/mount/{upper,work,root}
cp -a "$folder/root/." "$folder/mount/upper"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/mount/upper,workdir=$folder/mount/work" "$folder/mount/root"
cd "$folder/mount/root"
mount --rbind /proc proc
mount --rbind /dev dev
mount -t tmpfs tmpfs sys
mount -t tmpfs tmpfs run
cp -a "$folder/sys/." sys
cp -a "$folder/run/." run
status=0
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin SSL_CERT_FILE=${AUTHORITY_FILE} "BASH_FUNC_sleep%%=$SLEEP" chroot . /bin/bash /opt/cluster-node/bootstrap/phase.sh "\${@:2}" || status=$?
rm -rf "$folder/root" "$folder/run-after"
cp -a run/cluster-node "$folder/run-after"
umount run sys
cp -a "$folder/mount/upper" "$folder/root"
exit "$status"
`;

/** `describe` for tests that need such a machine. */
export const describeOnMachine = describeWith([
  'unshare',
  'nsenter',
  'ip',
  'openssl',
  'chroot',
  'systemd-escape',
  'findmnt',
  'useradd',
  'runuser',
  'ssh-keygen',
  'python3',
  'unzip',
  'gpg',
  'gpgv',
]);

export class Machine {
  private static readonly folders: string[] = [];
  private static surroundings: Surroundings | undefined;

  public static async removeAll(): Promise<void> {
    await Machine.surroundings?.stop();
    for (const folder of Machine.folders.splice(0)) {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }

  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'phase-'));
  private readonly values: { [variable: string]: string } = { ...PLAIN_VALUES };
  private instanceTags: { readonly [name: string]: string } = {};
  private readonly world: { -readonly [part in keyof World]?: World[part] } = { secrets: { [SECRET]: '{}' }, stacks: {}, faults: [] };

  public constructor() {
    Machine.folders.push(this.folder);
    for (const part of ['mount', 'root', 'sys', 'run']) {
      fs.mkdirSync(path.join(this.folder, part));
    }
    for (const folder of ['active', 'enabled', 'share']) {
      fs.mkdirSync(path.join(this.folder, 'root/var/lib/machine', folder), { recursive: true });
    }
    for (const [command, body] of Object.entries(STAND_INS)) {
      this.write(`/usr/local/sbin/${command}`, `${STAND_IN_HEADER}${body}\n`, 0o755);
    }
    const states = {
      calls: '',
      packages: '',
      unavailable: '',
      sessions: '',
      'install-time': '0\n',
      'running-kernel': '6.1.0\n',
      'default-kernel': '6.1.0\n',
      'dns-failures': '0\n',
      'mount-failures': '0\n',
      'dcv-failures': '0\n',
      'ssh-port': '22\n',
      'sshd-status': '0\n',
      'ssh-settings-before': '',
      'signature-status': '0\n',
      networkctl: '1 lo   loopback carrier  unmanaged\n2 ens5 ether    routable configured\n',
      'snap-store': '0\n',
      'snap-install': '0\n',
      'snap-homes': '',
      'xconfig-places': 'PCI:0:30:0\n',
      'nvidia-smi': 'all is well\n',
      'nvidia-smi-status': '0\n',
      'modprobe-error': '',
      dmesg: '[    1.000000] all is well\n',
      key: '',
      'package-version': '1\n',
      certificate: '-----BEGIN CERTIFICATE-----\n',
      description: '{ "id": "one" }\n',
      xhost: 'access control enabled, only authorized clients can connect\nLOCAL:\nSI:localuser:dcv\n',
    };
    for (const [name, content] of Object.entries(states)) {
      this.write(`/var/lib/machine/${name}`, content);
    }
    // The machine under this one is no desktop: what packages would have made.
    for (const folder of [
      '/etc/gdm',
      '/etc/gdm3',
      '/etc/chrony',
      '/etc/ssh',
      '/etc/apt/apt.conf.d',
      '/etc/apt/preferences.d',
      '/etc/profile.d',
      '/var/lib/cluster-node',
      '/etc/dcv',
    ]) {
      fs.mkdirSync(path.join(this.folder, 'root', folder), { recursive: true });
    }
    this.write('/etc/hosts', HOSTS);
    this.write('/usr/local/bin/aws', `#!/bin/sh\necho aws-cli/${DOWNLOADS['aws-cli/x86_64'].version} Python/3.14.0\n`, 0o755);
    this.write('/etc/fstab', '/dev/xvda1 / xfs defaults 0 0\n');
    this.write('/etc/environment', 'PATH=/usr/bin\n');
    this.write('/etc/ssh/sshd_config', 'PasswordAuthentication yes\nUsePAM yes\n', 0o600);
    fs.mkdirSync(path.join(this.folder, 'sys/bus/pci/devices'), { recursive: true });
  }

  /** A file on the disk of the machine. */
  public write(file: string, content: string | Buffer, mode = 0o644): this {
    const target = path.join(this.folder, 'root', file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.rmSync(target, { force: true });
    fs.writeFileSync(target, content, { mode });
    fs.chmodSync(target, mode);
    return this;
  }

  public link(file: string, target: string): this {
    this.write(file, '').remove(file);
    fs.symlinkSync(target, path.join(this.folder, 'root', file));
    return this;
  }

  /** A file in /run, which a reboot empties. */
  public writeVolatile(name: string): this {
    fs.writeFileSync(path.join(this.folder, 'run', name), '');
    return this;
  }

  /** Where a file of the machine lies here. */
  public path(file: string): string {
    return path.join(this.folder, 'root', file);
  }

  public read(file: string): string {
    return fs.readFileSync(this.path(file), 'utf8');
  }

  public exists(file: string): boolean {
    return fs.existsSync(path.join(this.folder, 'root', file));
  }

  /** Names of what the last run left in its part of /run. */
  public volatileFiles(): string[] {
    return fs.readdirSync(path.join(this.folder, 'run-after'));
  }

  /** Owner and mode, such as `0:0 600`. */
  public ownership(file: string): string {
    const { uid, gid, mode } = fs.statSync(path.join(this.folder, 'root', file));
    return `${uid}:${gid} ${(mode & 0o7777).toString(8)}`;
  }

  public remove(file: string): this {
    fs.rmSync(path.join(this.folder, 'root', file), { recursive: true, force: true });
    return this;
  }

  /** How a stand-in behaves; see STAND_INS. */
  public state(name: string, content: string | number): this {
    return this.write(`/var/lib/machine/${name}`, `${content}\n`);
  }

  public value(variable: string, value: string): this {
    this.values[variable] = value;
    return this;
  }

  /** Statuses of stacks that exist, one a call, the last one for ever. */
  public stacks(stacks: { readonly [name: string]: string[] }): this {
    this.world.stacks = Object.fromEntries(Object.entries(stacks).map(([name, statuses]) => [name, { statuses }]));
    return this;
  }

  /** What goes wrong at each run. */
  public fault(fault: Fault): this {
    this.world.faults = [fault];
    return this;
  }

  /** Tags of the instance. */
  public tags(tags: { readonly [name: string]: string }): this {
    this.instanceTags = tags;
    return this;
  }

  /** An object in S3, which the role may read; without a file there is none. */
  public object(bucket: string, key: string, file?: string): this {
    this.world.objects = [{ bucket, key: file === undefined ? `${key}-not` : key, file: file ?? '/dev/null' }];
    return this;
  }

  public secretText(secret: string): this {
    this.world.secrets = { [SECRET]: secret };
    return this;
  }

  /** A device on the PCI bus. */
  public pciDevice(slot: string, vendor: string, deviceClass: string): this {
    const folder = path.join(this.folder, 'sys/bus/pci/devices', slot);
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'vendor'), `${vendor}\n`);
    fs.writeFileSync(path.join(folder, 'class'), `${deviceClass}\n`);
    return this;
  }

  /** Takes all devices and modules away: another type of instance. */
  public resize(): this {
    fs.rmSync(path.join(this.folder, 'sys'), { recursive: true });
    fs.mkdirSync(path.join(this.folder, 'sys/bus/pci/devices'), { recursive: true });
    return this;
  }

  /** A file below /sys. */
  public kernelFile(name: string): this {
    const file = path.join(this.folder, 'sys', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, '1');
    return this;
  }

  public kernelModule(name: string, version = '1'): this {
    fs.mkdirSync(path.join(this.folder, 'sys/module', name), { recursive: true });
    fs.writeFileSync(path.join(this.folder, 'sys/module', name, 'version'), `${version}\n`);
    return this;
  }

  /** After it no unit is active and no session is there. */
  public reboot(): this {
    fs.rmSync(path.join(this.folder, 'run/reboot-required'), { force: true });
    fs.rmSync(path.join(this.folder, 'root/var/lib/machine/active'), { recursive: true, force: true });
    fs.mkdirSync(path.join(this.folder, 'root/var/lib/machine/active'));
    return this.write('/var/lib/machine/sessions', '');
  }

  /** Runs a script as the runner would, or with arguments as SSM does. The disk stays as the script leaves it. */
  public async run(script: string, ...parameters: string[]): Promise<Outcome> {
    const run = path.join(this.folder, 'run/cluster-node');
    fs.rmSync(run, { recursive: true, force: true });
    fs.mkdirSync(run, { recursive: true, mode: 0o700 });
    const values = Object.entries(this.values).map(([name, value]) => `${name}\0${value}\0`);
    fs.writeFileSync(path.join(run, 'deploy-values'), values.join(''));
    fs.writeFileSync(path.join(run, 'launch-values'), '');
    // It does not wait between attempts.
    fs.writeFileSync(path.join(run, 'aws'), AWS_CLIENT.replace(/time\.sleep\(.*\)/, 'pass'));
    this.write('/var/lib/machine/calls', '');
    this.write('/opt/cluster-node/bootstrap/phase.sh', script, 0o700);
    this.write(AUTHORITY_FILE, authority());
    Machine.surroundings ??= await Surroundings.start(this.folder, Buffer.alloc(1024), {});
    const { pid, services } = Machine.surroundings;
    await services.change({ ...this.world, instance: { ...services.world.instance, tags: this.instanceTags } });
    const before = services.calls.length;
    const unshare = ['unshare', '--mount', '--propagation', 'private', 'bash', '-c', RUN_AS_ROOT, 'machine', this.folder, ...parameters];
    const result = spawnSync('nsenter', ['--net', '--target', pid, ...unshare], {
      encoding: 'utf8',
      timeout: 30_000,
      env: { ...process.env, SLEEP },
    });
    // What is answered after it was told after every call.
    await services.change({});
    const volatile = (name: string): string => {
      const file = path.join(this.folder, 'run-after', name);
      return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : '';
    };
    const calls = this.read('/var/lib/machine/calls')
      .split('\x1e')
      .filter((call) => call !== '')
      .map((call) => call.split('\x1f'));
    return {
      status: result.status ?? -1,
      log: result.stderr + result.stdout,
      output: result.stdout,
      reason: volatile('reason'),
      rebootRequest: volatile('reboot-requested'),
      calls: [...calls, ...services.calls.slice(before).map(rowOf)],
    };
  }
}

const rowOf = ({ service, operation, arguments: args }: Call): string[] => [
  'aws',
  service,
  operation,
  ...Object.entries(args).map(([name, value]) => `${name}=${value}`),
];
