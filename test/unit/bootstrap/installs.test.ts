import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { BootstrapTemplates, ClusterNode, ClusterOptions, NodeOs, NodeType, NodeUserData, VirtualDesktopNode } from '../../../lib';
import { sampleCluster } from '../../sample-cluster';

const PHASE = 'compute_node/setup_post_reboot.sh.j2';
const INSTALL = 'compute_node/setup_post_reboot.install.sh.j2';

function overlay(files: { [name: string]: string }): BootstrapTemplates {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'overlay-'));
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
  return BootstrapTemplates.fromDirectory(folder);
}

function node(files: { [name: string]: string }, options: Partial<ClusterOptions> = {}): ClusterNode {
  const { stack, cluster } = sampleCluster({ templates: overlay(files), ...options });
  return new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE });
}

function valueLines(of: ClusterNode): string[] {
  return NodeUserData.fromNode(of)
    .userData.split('\n')
    .filter((line) => line.startsWith('VALUE_'));
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('an install runs before its phase, and a phase without one is run as it is', () => {
  const { files } = node({ [INSTALL]: 'echo install\n' }).bundle;
  expect(files['setup_post_reboot.install.sh']).toBe('echo install\n');
  expect(files['setup_user_customization.install.sh']).toBeUndefined();
});

test('a phase of a team is not mixed with the library’s install', () => {
  const phase = 'compute_node/setup.sh.j2';
  expect(node({ [phase]: 'echo mine\n' }).bundle.files['setup.install.sh']).toBeUndefined();
  const both = node({ [phase]: 'echo mine\n', 'compute_node/setup.install.sh.j2': 'echo my install\n' }).bundle.files;
  expect([both['setup.install.sh'], both['setup.sh']]).toEqual(['echo my install\n', 'echo mine\n']);
});

test('another mirror or proxy is not another install', () => {
  const read = 'echo "{{ context.get("/configuration/HttpProxy") }}" "{{ context.get("/system/dcv/url") }}"\n';
  const plain = node({ [INSTALL]: read });
  const proxied = node({ [INSTALL]: read }, { configuration: { '/configuration/HttpProxy': 'http://proxy:3128' } });
  const text = 'echo "${VALUE_CONFIGURATION_HTTP_PROXY}" "${VALUE_SYSTEM_DCV_URL}"\n';
  expect([plain, proxied].map(({ bundle }) => bundle.files['setup_post_reboot.install.sh'])).toEqual([text, text]);
  expect(valueLines(plain)).toEqual(expect.arrayContaining(['VALUE_CONFIGURATION_HTTP_PROXY=', 'VALUE_SYSTEM_DCV_URL=']));
  const encoded = Buffer.from('http://proxy:3128').toString('base64');
  expect(valueLines(proxied)).toContain(`VALUE_CONFIGURATION_HTTP_PROXY=${encoded}`);
});

test('a download setting that is a token travels once', () => {
  const { stack, cluster } = sampleCluster({ templates: overlay({ [INSTALL]: 'echo "{{ context.get("/configuration/NoProxy") }}"\n' }) });
  const proxy = new CfnParameter(stack, 'Proxy').valueAsString;
  const configured = new ClusterNode(stack, 'Node', {
    cluster,
    os: NodeOs.AMAZON_LINUX_2023,
    nodeType: NodeType.COMPUTE_NODE,
    configuration: { '/configuration/NoProxy': proxy },
  });
  expect(valueLines(configured).filter((line) => line.startsWith('VALUE_CONFIGURATION_NO_PROXY='))).toEqual([
    'VALUE_CONFIGURATION_NO_PROXY=base64(${Proxy})',
  ]);
});

describe('a value that belongs to a cluster, desktop or owner', () => {
  const desktop = (install: string) => () => {
    const { stack, cluster } = sampleCluster({
      templates: overlay({ [INSTALL]: install }),
      configuration: { '/mine/Bucket': Fn.ref('Bucket'), '/mine/List': [{ name: 'a', id: Fn.ref('Id') }] },
    });
    const secret = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', 'arn:aws:secretsmanager:eu-west-1:1:secret:owner-abcdef');
    return new VirtualDesktopNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, ownerPasswordSecret: secret });
  };
  test.each([
    ['launch-time', 'echo a\necho "{{ context.get("/dcv/SessionOwner") }}"\n', '/dcv/SessionOwner', 2],
    ['deploy-time', 'echo {{ context.get("/mine/Bucket") }}\n', '/mine/Bucket', 1],
    ['deploy-time in a list', 'true\ntrue\n{% for x in context.get("/mine/List") %}echo {{ x.id }}{% endfor %}\n', '/mine/List/a/id', 3],
    ['secret whose ARN is known', 'get {{ context.get("/dcv/OwnerPasswordSecret").arn }}\n', '/dcv/OwnerPasswordSecret', 1],
    ['condition', '{% if context.get("/dcv/SessionOwner") == "x" %}true{% endif %}\n', '/dcv/SessionOwner', 1],
  ])('is refused in an install: %s', (_, install, key, line) => {
    expect(thrownBy(desktop(install))).toEqual(
      expect.objectContaining({
        code: 'ValueInInstall',
        template: INSTALL,
        line,
        key,
        message: expect.stringMatching(/move it to the configure step/) as string,
      }),
    );
  });

  test('may be a name that a function of the prelude has, when nothing writes it', () => {
    expect(desktop('{% set owner = context.get("/dcv/SessionOwner") %}echo a\n')).not.toThrow();
  });
});

test.each(['{% if context.get("/configuration/HttpProxy") %}true{% endif %}\n', '{{ context.get("/system/dcv/url") is none }}\n'])(
  'a download setting does not decide what is rendered: %s',
  (install) => {
    expect(thrownBy(() => node({ [INSTALL]: install }))).toEqual(
      expect.objectContaining({
        code: 'ValueNotKnownYet',
        template: INSTALL,
        message: expect.stringContaining('test the variable in the script') as string,
      }),
    );
  },
);

test('a misspelt install is named, one of another phase of the library is not', () => {
  const created = node({
    [PHASE]: 'true\n',
    'compute_node/setup_post_reboot.instal.sh.j2': 'true\n',
    'compute_node/extra/login_node.install.sh.j2': 'true\n',
    'compute_node/setup_user_customization.install.sh.j2': 'true\n',
  });
  const warnings = Annotations.fromStack(Stack.of(created)).findWarning('*', Match.stringLikeRegexp('takes the place of no template'));
  expect(warnings.map(({ entry }) => entry.data as string)).toEqual([expect.stringContaining('setup_post_reboot.instal.sh.j2')]);
});
