import * as fs from 'fs';
import * as path from 'path';
import { ASSETS, describeOnMachine, DOWNLOAD_HOST, instance, Machine, NodeOptions, REGION, renderNode } from './machine';

jest.setTimeout(180_000);
afterAll(() => Machine.stopAll());

/** What stage 0 and the runner leave for a phase, and then the phase. */
const ALONE = `#!/bin/bash
mkdir -p -m 700 /run/cluster-node
cp /root/aws /run/cluster-node/aws
printf '%s\\0' VALUE_CONFIGURATION_REGION ${REGION} >/run/cluster-node/deploy-values
: >/run/cluster-node/launch-values
bash /root/setup.sh >/root/log 2>&1
printf '%s\n' "$?" >/root/exit-status
cat /run/cluster-node/reason >/root/reason
`;

/** Runs one phase with this body, on a machine that is prepared first; the machine after it. */
async function runPhase(
  body: string,
  options: NodeOptions = {},
  prepare: (machine: Machine) => void | Promise<void> = () => undefined,
): Promise<Machine> {
  const node = renderNode({ ...options, phases: [{ name: 'setup', body }] });
  const machine = await Machine.start({ ...node, userData: ALONE });
  machine.write('/root/setup.sh', node.files['setup.sh']);
  machine.write('/root/aws', fs.readFileSync(path.join(ASSETS, 'cluster_node_bootstrap/templates/linux/aws_client.py.j2')));
  await prepare(machine);
  await machine.boot();
  return machine;
}

/** `done`, or the reason for the runner. */
function resultOf(machine: Machine): string {
  const status = machine.read('/root/exit-status').trimEnd();
  return status === '0' ? 'done' : machine.read('/root/reason').trimEnd() || `status ${status}`;
}

const HOSTILE =
  'a\'b"c $(touch /root/pwned) `touch /root/pwned` ${x:-$(touch /root/pwned)} ; touch /root/pwned # %s \\ !! & | > < * ~\nE\nEOF\né☃\t-n';

describeOnMachine('values', () => {
  test('arrive byte by byte, run nowhere, and are in nobody’s environment', async () => {
    const everyByte = Buffer.from([...Array(255).keys()].map((index) => index + 1));
    const values: { [variable: string]: string | Buffer } = {
      VALUE_BYTES: everyByte,
      VALUE_HOSTILE: HOSTILE,
      VALUE_NEWLINES: '\n\n line \n\n\n',
      VALUE_EMPTY: '',
      VALUE_PARTIAL: Buffer.from([0xc3]),
      VALUE_DASH: '-n',
      VALUE_LONG: 'x'.repeat(5000),
    };
    const names = [...Object.keys(values), 'VALUE_DCV_SESSION_OWNER', 'VALUE_DCV_SESSION_NAME'];
    const machine = await Machine.start(
      renderNode({
        values,
        // Not all of the values are text in this encoding.
        edit: (file, text) => (file === 'user_data.sh' ? text.replace('umask 077\n', '$&export LC_ALL=C.UTF-8\n') : text),
        phases: [
          {
            name: 'setup',
            body: `${names.map((name) => `  printf %s "\${${name}}" >/root/${name}`).join('\n')}\n  env >/root/environment; cat /proc/*/cmdline >/root/arguments; stat -c %a /run/cluster-node /run/cluster-node/* >/root/modes`,
          },
        ],
      }),
      { instance: instance({ 'cluster-node:SessionOwner': HOSTILE }) },
    );
    expect((await machine.boot()).status).toBe(0);
    for (const [name, value] of Object.entries(values)) {
      expect({ name, bytes: machine.bytes(`/root/${name}`).toString('hex') }).toEqual({ name, bytes: Buffer.from(value).toString('hex') });
    }
    expect(machine.read('/root/VALUE_DCV_SESSION_OWNER')).toBe(HOSTILE);
    expect(machine.read('/root/VALUE_DCV_SESSION_NAME')).toBe('');
    expect(machine.exists('/root/pwned')).toBe(false);
    expect(machine.read('/root/environment')).not.toContain('VALUE_');
    expect(machine.read('/root/environment') + machine.read('/root/arguments')).not.toMatch(/secret\+key|session\/token/);
    expect(machine.logs()).not.toMatch(/secret\+key|session\/token/);
    expect(machine.read('/root/modes').split('\n')[0]).toBe('700');
  });

  test('are refused when a name is none, or a line is not one', async () => {
    const machine = await runPhase("  printf '%s\\0' 'x[$(touch /root/pwned)]' A >/run/cluster-node/launch-values; load_values");
    expect(resultOf(machine)).toContain('expected names of the form VALUE_NAME, got x[$(touch /root/pwned)]');
    expect(machine.exists('/root/pwned')).toBe(false);
    for (const [line, reason] of [
      ['x[$(touch /root/pwned)]=QQ==', 'expected names of the form VALUE_NAME, got x[$(touch /root/pwned)]'],
      ['VALUE_X=Q', 'the value of VALUE_X is not base64'],
    ]) {
      const edit = (file: string, text: string): string =>
        file === 'runner.sh' ? text.replace('  decode_values ', `  printf '%s\\n' '${line}' >>"\${VOLATILE}/values"\n$&`) : text;
      const node = await Machine.start(renderNode({ edit }));
      await node.boot();
      expect(node.logs()).toContain(reason);
      expect(node.exists('/root/pwned')).toBe(false);
    }
  });
});

describeOnMachine('functions of the prelude', () => {
  test('the environment of a phase', async () => {
    const machine = await runPhase(
      '  umask >/root/umask; printf "%s\\n" "$PATH" "$HOME" "$AWS_REGION" "$AWS_DEFAULT_REGION" "$-" >/root/settings; (set -o | grep -c "pipefail.*on") >>/root/settings',
    );
    expect(machine.read('/root/umask')).toBe('0022\n');
    expect(machine.read('/root/settings')).toMatch(
      /^\/usr\/local\/sbin:\/usr\/local\/bin:\/usr\/sbin:\/usr\/bin:\/sbin:\/bin\n\/root\neu-central-1\neu-central-1\nE?[a-zA-Z]*e[a-zA-Z]*u[a-zA-Z]*\n1\n$/,
    );
  });

  test('write_file replaces as a whole, and only when something changes', async () => {
    const machine = await runPhase(
      [
        '  printf "one\\n" | write_file /root/file 0640',
        '  stat -c "%i %a" /root/file >/root/first',
        '  printf "one\\n" | write_file /root/file 0640',
        '  stat -c "%i %a" /root/file >/root/second',
        '  printf "one\\n" | write_file /root/file 0600',
        '  stat -c "%a" /root/file >/root/third',
        '  printf "two\\n\\n" | write_file /root/file 0600',
        '  mkdir /root/target; echo old >/root/target/file; ln -s target/file /root/link',
        '  printf "new" | write_file /root/link 0644',
        '  ls -A /root/target >/root/files; readlink /root/link >/root/kept',
      ].join('\n'),
    );
    expect(resultOf(machine)).toBe('done');
    expect(machine.read('/root/second')).toBe(machine.read('/root/first'));
    expect(machine.read('/root/third')).toBe('600\n');
    expect(machine.read('/root/file')).toBe('two\n\n');
    expect(machine.read('/root/target/file')).toBe('new');
    expect(machine.read('/root/files')).toBe('file\n');
    expect(machine.read('/root/kept')).toBe('target/file\n');
    expect(resultOf(await runPhase('  printf x | write_file /nonexistent/file 0644'))).toMatch(/setup\.sh:\d+: status 1/);
  });

  test('replace_block keeps the rest of the file', async () => {
    const before = 'first\n  # BEGIN cluster-node other\nlast without newline';
    const body = [
      `  printf '%s' '${before}' >/root/file; chmod 0600 /root/file`,
      '  printf "1\\n2\\n" | replace_block /root/file mine',
      '  cp /root/file /root/once',
      '  printf "1\\n2\\n" | replace_block /root/file mine',
      '  cp -p /root/file /root/twice',
      '  printf "3" | replace_block /root/file mine',
      '  printf "after\\n" >>/root/file',
      '  printf "4\\n" | replace_block /root/file mine',
      '  cp /root/file /root/changed',
      '  printf "" | replace_block /root/file mine',
      '  printf "new\\n" | replace_block /root/new mine',
    ].join('\n');
    const machine = await runPhase(body);
    expect(resultOf(machine)).toBe('done');
    expect(machine.read('/root/once')).toBe(`${before}\n# BEGIN cluster-node mine\n1\n2\n# END cluster-node mine\n`);
    expect(machine.read('/root/twice')).toBe(machine.read('/root/once'));
    expect(machine.mode('/root/twice')).toBe('600');
    expect(machine.read('/root/changed')).toBe(`${before}\n# BEGIN cluster-node mine\n4\n# END cluster-node mine\nafter\n`);
    expect(machine.read('/root/file')).toBe(`${before}\nafter\n`);
    expect(machine.read('/root/new')).toBe('# BEGIN cluster-node mine\nnew\n# END cluster-node mine\n');
    expect(
      resultOf(await runPhase('  printf "# BEGIN cluster-node mine\\nx\\n" >/root/file; echo y | replace_block /root/file mine')),
    ).toContain('in pairs');
  });

  test('retry gives up with the last status', async () => {
    const machine = await runPhase(
      '  local status=0; attempt() { printf x >>/root/attempts; return 7; }; retry 3 5 attempt || status=$?; echo "$status" >/root/status; retry 3 5 true; retry 2 5 fail "for good"',
    );
    expect(machine.read('/root/attempts')).toBe('xxx');
    expect(machine.read('/root/status')).toBe('7\n');
    expect(resultOf(machine)).toBe('for good');
  });

  test('imds and instance_tag tell what is not there from what does not answer', async () => {
    const machine = await runPhase(
      '  imds meta-data/instance-id >/root/id; local status=0; instance_tag nothing >/root/nothing || status=$?; echo "$status" >/root/status; instance_tag cluster-node:SessionOwner >/root/owner',
    );
    expect(machine.read('/root/id')).toBe('i-0123456789abcdef0');
    expect(machine.read('/root/nothing')).toBe('');
    expect(machine.read('/root/status')).toBe('1\n');
    expect(machine.read('/root/owner')).toBe('maria');
    expect(machine.callsOf('imds:token')).toHaveLength(1);
  });

  test('download takes nothing but what was meant', async () => {
    const url = `https://${DOWNLOAD_HOST}/file`;
    const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
    const prepare = (machine: Machine): void => machine.putDownload('file', Buffer.from('hello'));
    const machine = await runPhase(`  download ${url} ${sha256} /root/file; download ${url} ${sha256} /root/file`, {}, async (started) => {
      prepare(started);
      await started.change({
        faults: [
          { on: 'downloads:*', times: 1, effect: { kind: 'truncate', share: 0.5 } },
          { on: 'downloads:*', after: 1, times: 1, effect: { kind: 'throttle' } },
          { on: 'downloads:*', after: 2, times: 1, effect: { kind: 'disconnect' } },
        ],
      });
    });
    expect(resultOf(machine)).toBe('done');
    expect(machine.read('/root/file')).toBe('hello');
    expect(machine.callsOf('downloads:*')).toHaveLength(4);
    const wrong = await runPhase(`  download ${url} ${'0'.repeat(64)} /root/file`, {}, prepare);
    expect(resultOf(wrong)).toBe(`${url}: sha256 expected ${'0'.repeat(64)}, got ${sha256}`);
    expect(wrong.exists('/root/file') || wrong.exists('/root/file.part')).toBe(false);
    expect(resultOf(await runPhase(`  download ${url}/no ${sha256} /root/file`))).toContain('HTTP 404, attempt 1');
    expect(resultOf(await runPhase(`  download http://${DOWNLOAD_HOST}/file ${sha256} /root/file`))).toContain('curl status 1');
  });
});

const APT = { '/system/os/package_manager': 'apt', '/system/os/distribution': 'ubuntu' };
const STALE_APT =
  'Err:1 http://mirror a 1\\n  404  Not Found [IP: 10.0.0.1 80]\\nE: Failed to fetch http://mirror/a_1.deb  404  Not Found [IP: 10.0.0.1 80]\\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?';
const STALE_DNF =
  '[MIRROR] a-1.rpm: Status code: 404 for https://mirror/a-1.rpm (IP: 10.0.0.1)\\n[FAILED] a-1.rpm: No more mirrors to try - All mirrors were already tried without success\\nError: Error downloading packages:\\n  Cannot download a-1.rpm: All mirrors were tried';
const RPM_LOCK = "error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable)";
const YUM = { '/system/os/package_manager': 'yum' };

/** Package managers that answer what answers.txt holds: a call each line, `STATUS text` with \n as in printf; a call beyond that succeeds. */
function packageManagers(answers: readonly string[], installed: readonly string[] = []): (machine: Machine) => void {
  const manager = `#!/bin/bash
printf '%s %s\\n' "\${0##*/}" "$*" >>/root/calls
n=$(grep -c . /root/calls)
answer=$(sed -n "\${n}p" /root/answers)
printf '%b\\n' "\${answer#* }" >&2
exit "\${answer%% *}"
`;
  return (machine) => {
    machine.write('/root/answers', `${answers.join('\n')}\n`);
    machine.write('/root/calls', '');
    machine.write('/root/installed', installed.map((name) => `${name}\n`).join(''));
    for (const name of ['dnf', 'yum', 'apt-get', 'dpkg', 'apt-cache']) {
      machine.write(`/usr/local/sbin/${name}`, manager);
    }
    machine.write(
      '/usr/local/sbin/apt-cache',
      '#!/bin/bash\nif [[ ${!#} == known ]]; then echo "  Candidate: 1"; else echo "  Candidate: (none)"; fi\n',
    );
    machine.write('/usr/local/sbin/rpm', '#!/bin/bash\ngrep -qxF -- "${!#}" /root/installed\n');
    machine.write('/usr/local/sbin/dpkg-query', '#!/bin/bash\ngrep -qxF -- "${!#}" /root/installed && printf installed\n');
  };
}

const NETWORK = '1 Error: Failed to download metadata for repo: Cannot prepare internal mirrorlist: Curl error (28): Timeout was reached';
const OPTIONS = '--yes --option DPkg::Lock::Timeout=600 --option Dpkg::Options::=--force-confdef --option Dpkg::Options::=--force-confold';

describeOnMachine('packages', () => {
  test.concurrent.each<[string, NodeOptions, string, string[], string[], string]>([
    [
      'dnf gets over the network',
      {},
      'install_packages a b c',
      [NETWORK, NETWORK, '0 done'],
      Array<string>(3).fill('dnf --assumeyes install a c'),
      'done',
    ],
    [
      'dnf gives up at once when there is no such package',
      {},
      'install_packages a',
      ['1 Error: Unable to find a match: a'],
      ['dnf --assumeyes install a'],
      'install of packages failed with status 1: Error: Unable to find a match: a (packages: a)',
    ],
    [
      'dnf downloads again what another one has removed',
      {},
      'install_packages a',
      ["1 [Errno 2] No such file or directory: '/var/cache/dnf/amazonlinux-98c6f4d1ac0baa66/packages/a-1.rpm'", '0 done'],
      Array<string>(2).fill('dnf --assumeyes install a'),
      'done',
    ],
    [
      'dnf gives up in the end',
      {},
      'install_packages a',
      Array<string>(20).fill(NETWORK),
      Array<string>(8).fill('dnf --assumeyes install a'),
      `no way to the package repositories (without internet: a proxy, or a machineImage with the packages or own repositories): install of packages failed with status 1: ${NETWORK.slice(2)} (packages: a)`,
    ],
    [
      'dnf needs no signature to be skipped',
      {},
      'install_packages a',
      ['1 Error: GPG check FAILED'],
      ['dnf --assumeyes install a'],
      'install of packages failed with status 1: Error: GPG check FAILED (packages: a)',
    ],
    [
      'yum does not pass over a package',
      { context: YUM },
      'install_packages a',
      ['0 No package a available.'],
      ['yum --assumeyes --setopt=skip_missing_names_on_install=False install a'],
      'install of packages failed with status 0: No package a available. (packages: a)',
    ],
    ['nothing to do', {}, 'install_packages b', [], [], 'done'],
    [
      'apt refreshes once',
      { context: APT },
      'install_packages a; install_packages c',
      ['0', '0', '0'],
      [`apt-get ${OPTIONS} update --error-on=any`, `apt-get ${OPTIONS} install a`, `apt-get ${OPTIONS} install c`],
      'done',
    ],
    [
      'apt repairs what a power cut left',
      { context: APT },
      'install_packages a',
      ['0', "100 E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.", '0', '0'],
      [
        `apt-get ${OPTIONS} update --error-on=any`,
        `apt-get ${OPTIONS} install a`,
        'dpkg --configure -a --force-confdef --force-confold',
        `apt-get ${OPTIONS} install a`,
      ],
      'done',
    ],
    [
      'apt takes new lists when the mirror no longer has what they name',
      { context: APT },
      'install_packages a',
      ['0', `100 ${STALE_APT}`, '0', '0'],
      Array<string[]>(2)
        .fill([`apt-get ${OPTIONS} update --error-on=any`, `apt-get ${OPTIONS} install a`])
        .flat(),
      'done',
    ],
    [
      'apt tells what the mirror does not have, also with new lists',
      { context: APT },
      'install_packages a',
      Array<string[]>(4)
        .fill(['0', `100 ${STALE_APT}`])
        .flat(),
      Array<string[]>(4)
        .fill([`apt-get ${OPTIONS} update --error-on=any`, `apt-get ${OPTIONS} install a`])
        .flat(),
      'install of packages failed with status 100: E: Failed to fetch http://mirror/a_1.deb  404  Not Found [IP: 10.0.0.1 80] (packages: a)',
    ],
    [
      'apt gives up at once when it is not let in',
      { context: APT },
      'install_packages a',
      ['100 E: Failed to fetch http://mirror/InRelease  403  Forbidden [IP: 10.0.0.1 80]\\nE: Some index files failed to download.'],
      [`apt-get ${OPTIONS} update --error-on=any`],
      'update of packages failed with status 100: E: Some index files failed to download. (packages: --error-on=any)',
    ],
    [
      'apt takes no size for a status',
      { context: APT },
      'install_packages a',
      [
        '0',
        '100 Need to get 403  MB of archives.\\nGet:1 http://mirror a [401 kB]\\nE: Failed to fetch http://mirror/a_1.deb  Connection timed out',
        '0',
      ],
      [`apt-get ${OPTIONS} update --error-on=any`, ...Array<string>(2).fill(`apt-get ${OPTIONS} install a`)],
      'done',
    ],
    [
      'dnf takes new lists when the mirror no longer has what they name',
      {},
      'install_packages a',
      [`1 ${STALE_DNF}`, '0', '0'],
      ['dnf --assumeyes install a', 'dnf --assumeyes clean expire-cache', 'dnf --assumeyes install a'],
      'done',
    ],
    [
      'dnf tells what the mirror does not have, also with new lists',
      {},
      'install_packages a',
      [
        ...Array<string[]>(3)
          .fill([`1 ${STALE_DNF}`, '0'])
          .flat(),
        `1 ${STALE_DNF}`,
      ],
      [...Array<string[]>(3).fill(['dnf --assumeyes install a', 'dnf --assumeyes clean expire-cache']).flat(), 'dnf --assumeyes install a'],
      'install of packages failed with status 1: [MIRROR] a-1.rpm: Status code: 404 for https://mirror/a-1.rpm (IP: 10.0.0.1) (packages: a)',
    ],
    [
      'dnf waits for the lock of rpm, in its words of all times',
      {},
      'install_packages a',
      [
        `1 RPM: ${RPM_LOCK}\\nError: Could not run transaction.`,
        '1 Failed to obtain the transaction lock (logged in as: root).\\nError: Could not run transaction.',
        '1 Transaction failed: Failed to obtain rpm transaction lock. Another transaction is in progress.',
        '0 done',
      ],
      Array<string>(4).fill('dnf --assumeyes install a'),
      'done',
    ],
    [
      'dnf tells of the lock that it does not get',
      {},
      'install_packages a',
      Array<string>(8).fill(`1 RPM: ${RPM_LOCK}\\nError: Could not run transaction.`),
      Array<string>(8).fill('dnf --assumeyes install a'),
      `install of packages failed with status 1: RPM: ${RPM_LOCK} (packages: a)`,
    ],
    [
      'dnf waits for the clock, which may be behind',
      {},
      'install_packages a',
      [
        "1 Errors during downloading metadata for repository 'a':\\n  - Curl error (60): SSL peer certificate or SSH remote key was not OK for https://mirror [SSL certificate problem: certificate is not yet valid]",
        '0',
      ],
      Array<string>(2).fill('dnf --assumeyes install a'),
      'done',
    ],
    [
      'dnf does not wait for a lock that it may not have',
      {},
      'install_packages a',
      ["1 RPM: error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Permission denied)\\nError: Could not run transaction."],
      ['dnf --assumeyes install a'],
      "install of packages failed with status 1: RPM: error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Permission denied) (packages: a)",
    ],
    [
      'yum takes new lists when the mirror no longer has what they name',
      { context: YUM },
      'install_packages a',
      [
        '1 http://mirror/a.rpm: [Errno 14] HTTP Error 404 - Not Found\\nError downloading packages:\\n  a: [Errno 256] No more mirrors to try.',
        '0',
        '0',
      ],
      ['install a', 'clean expire-cache', 'install a'].map(
        (words) => `yum --assumeyes --setopt=skip_missing_names_on_install=False ${words}`,
      ),
      'done',
    ],
    [
      'apt waits for a lock',
      { context: APT },
      'install_packages a',
      ['100 E: Could not get lock /var/lib/apt/lists/lock. It is held by process 77', '0', '0'],
      [...Array<string>(2).fill(`apt-get ${OPTIONS} update --error-on=any`), `apt-get ${OPTIONS} install a`],
      'done',
    ],
    [
      'apt waits for the clock, which may be behind',
      { context: APT },
      'install_packages a',
      [
        '100 E: Release file for http://mirror/InRelease is not valid yet (invalid for another 59min 3s). Updates for this repository will not be applied.',
        '0',
        '0',
      ],
      [...Array<string>(2).fill(`apt-get ${OPTIONS} update --error-on=any`), `apt-get ${OPTIONS} install a`],
      'done',
    ],
    [
      'apt gives up at once when there is no such package',
      { context: APT },
      'install_packages a',
      ['0', '100 E: Unable to locate package a'],
      [`apt-get ${OPTIONS} update --error-on=any`, `apt-get ${OPTIONS} install a`],
      'install of packages failed with status 100: E: Unable to locate package a (packages: a)',
    ],
    [
      'a full disk is the reason, whatever comes of it',
      {},
      'install_packages a',
      ['1 error: unpacking failed: cpio: write failed - No space left on device\\nError unpacking rpm package a\\nlast'],
      ['dnf --assumeyes install a'],
      'install of packages failed with status 1: error: unpacking failed: cpio: write failed - No space left on device (packages: a)',
    ],
    [
      'dnf tells of a full disk before it installs',
      {},
      'install_packages a',
      [
        '1 Error: Transaction test error:\\n  installing package a needs 12KB more space on the / filesystem\\n\\nError Summary\\n-------------\\nDisk Requirements:\\n   At least 1MB more space needed on the / filesystem.\\n',
      ],
      ['dnf --assumeyes install a'],
      'install of packages failed with status 1: At least 1MB more space needed on the / filesystem. (packages: a)',
    ],
    [
      'a problem is told, not its heading',
      {},
      'install_packages a',
      ['1 Error: \\n Problem: package a requires b\\n  - nothing provides b needed by a\\n(try to add --skip-broken)'],
      ['dnf --assumeyes install a'],
      'install of packages failed with status 1: Problem: package a requires b (packages: a)',
    ],
    [
      'files are given as files',
      {},
      'cd /root; touch x.rpm; install_package_files x.rpm',
      ['0'],
      ['dnf --assumeyes install /root/x.rpm'],
      'done',
    ],
    ['a package that is available', {}, 'package_available a', ['0'], ['dnf --assumeyes --quiet list a'], 'done'],
    [
      'a package that is not',
      {},
      'if package_available a; then fail "it is"; fi',
      ['1 Error: No matching Packages to list'],
      ['dnf --assumeyes --quiet list a'],
      'done',
    ],
    [
      'a repository that does not answer',
      {},
      'package_available a',
      ['1 Error: something else'],
      ['dnf --assumeyes --quiet list a'],
      'cannot look for package a: Error: something else',
    ],
    [
      'packages of apt',
      { context: APT },
      'package_available known; if package_available unknown; then fail "it is"; fi; package_available b',
      ['0'],
      [`apt-get ${OPTIONS} update --error-on=any`],
      'done',
    ],
  ])('%s', async (_, options, body, answers, calls, result) => {
    const machine = await runPhase(`  ${body}`, options, packageManagers(answers, ['b']));
    expect({ calls: machine.read('/root/calls').split('\n').slice(0, -1), result: resultOf(machine) }).toEqual({ calls, result });
  });
});
