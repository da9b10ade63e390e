import { spawnSync } from 'child_process';
import { VariableReference } from '../../../lib/templates/value-kinds';
import { nodeContext, render, renderNode } from './machine';

jest.setTimeout(60_000);

const SYSTEMS = [
  ['amazonlinux2', 'amazonlinux', '2', 'yum'],
  ['amazonlinux2023', 'amazonlinux', '2023', 'dnf'],
  ['rhel8', 'rhel', '8', 'dnf'],
  ['rhel9', 'rhel', '9', 'dnf'],
  ['rocky8', 'rocky', '8', 'dnf'],
  ['rocky9', 'rocky', '9', 'dnf'],
  ['ubuntu2204', 'ubuntu', '22.04', 'apt'],
  ['ubuntu2404', 'ubuntu', '24.04', 'apt'],
];
const PROXY = {
  '/configuration/HttpProxy': 'http://proxy:3128',
  '/configuration/HttpsProxy': 'http://proxy:3128',
  '/configuration/NoProxy': '.example.com',
};

/** Texts that differ, with the first of the nodes that has it. */
const SCRIPTS = new Map<string, string>();
for (const [os, distribution, version, packageManager] of SYSTEMS) {
  for (const nodeType of ['dcv_node', 'login_node', 'compute_node']) {
    const context = nodeContext({
      context: {
        '/job/BaseOS': os,
        '/job/NodeType': nodeType,
        '/system/metadata/guard': nodeType !== 'compute_node',
        '/dcv/SessionOwner': new VariableReference('/dcv/SessionOwner', 'launch-time'),
        '/system/os/distribution': distribution,
        '/system/os/version': version,
        '/system/os/package_manager': packageManager,
        ...(nodeType === 'login_node' ? { ...PROXY, '/configuration/AppsPath': "/it's here" } : {}),
      },
    });
    for (const [name, text] of [
      ['user_data', render('user_data/linux/user_data.sh.j2', context)],
      ['runner', render('templates/linux/runner.sh.j2', context)],
      ['seal', render('compute_node/seal.sh.j2', context)],
      ['prelude', `#!/bin/bash\n${render('templates/linux/prelude.sh.j2', context)}`],
    ]) {
      if (!SCRIPTS.has(text)) {
        SCRIPTS.set(text, `${name} of ${os} ${nodeType}`);
      }
    }
  }
}
SCRIPTS.set(
  render('user_data/linux/user_data.sh.j2', nodeContext({ context: PROXY, commands: "echo 'mine'" })),
  'user_data with added commands behind a proxy',
);
const CASES = [...SCRIPTS].map(([text, name]) => [name, text]);

const TOOLS: [string, string[]][] = [
  ['bash', ['-n']],
  ['shellcheck', ['-S', 'warning', '-']],
  ['shfmt', ['-d', '-i', '2', '-ci']],
];

describe.each(TOOLS)('%s', (tool, args) => {
  const missing = spawnSync(tool, ['--version']).error !== undefined;
  if (missing) {
    process.stderr.write(`${process.env.CI === 'true' ? 'missing' : 'skipped'}: ${tool}\n`);
  }
  (missing && process.env.CI !== 'true' ? test.skip : test).each(CASES)('has nothing to say about %s', (_, text) => {
    const { status, stdout, stderr } = spawnSync(tool, args, { input: text, encoding: 'utf8' });
    expect({ status, findings: `${stdout}${stderr}` }).toEqual({ status: 0, findings: '' });
  });
});

describe('stage 0', () => {
  const text = (context: { [key: string]: unknown } = {}): string =>
    render('user_data/linux/user_data.sh.j2', {
      ...nodeContext({ context }),
      '/bootstrap/BundleSha256': '0'.repeat(64),
      '/bootstrap/DeployTimeValues': '',
    });

  test('is at most 8,192 bytes of ASCII, behind a proxy as well', () => {
    for (const context of [{}, PROXY]) {
      expect(text(context)).toMatch(/^[\n -~]{7000,8192}$/);
    }
  });

  // They are written on every boot, and a power cut in the middle must not leave half of one.
  test('puts its copy and the unit in place as a whole', () => {
    const { userData } = renderNode();
    expect(userData).toMatch(
      /\n {2}cp "\$0" "\$\{STATE\}\/stage0\.new"\n {2}mv "\$\{STATE\}\/stage0\.new" "\$\{STATE\}\/stage0"\n {2}cat >"\$\{UNIT\}\.new" <<END_OF_UNIT\n[^]*\nEND_OF_UNIT\n {2}mv "\$\{UNIT\}\.new" "\$\{UNIT\}"\n/,
    );
  });

  test('installs a unit that no ordering cycle can drop', () => {
    const { userData } = renderNode();
    const unit = /\[Unit\]\n([^]*?)\nEND_OF_UNIT\n/.exec(userData)![1];
    expect(unit.split('\n').filter((line) => /^(After|Before|Requires|Wants|WantedBy)=/.test(line))).toEqual([
      'After=network-online.target basic.target',
      'Before=shutdown.target',
      'Wants=network-online.target',
      'WantedBy=multi-user.target',
    ]);
  });

  // What bash 4.2 of Amazon Linux 2 does not have.
  test.each(CASES)('%s keeps to bash 4.2', (_, script) => {
    expect(script).not.toMatch(
      /\$\{[^}]*@[QEPAaUuLK]\}|\blocal -n\b|\bdeclare -n\b|\bwait -n\b|\bmapfile -d\b|EPOCHSECONDS|EPOCHREALTIME|inherit_errexit|\bSRANDOM\b|\bexec \{/,
    );
  });
});
