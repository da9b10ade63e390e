import { CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  BootstrapTemplates,
  ClusterNode,
  ClusterOptions,
  LoginMethod,
  NodeOs,
  NodeType,
  NodeUserData,
  VirtualDesktopNode,
} from '../../../lib';
import { sampleCluster } from '../../sample-cluster';
import { thrownBy } from '../../thrown-by';
import { writeFiles } from '../../write-files';

const PHASE = 'compute_node/setup_post_reboot.sh.j2';
const INSTALL = 'compute_node/setup_post_reboot.install.sh.j2';

function overlay(files: { [name: string]: string }): BootstrapTemplates {
  return BootstrapTemplates.fromDirectory(writeFiles(files));
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
  const load = 'load_values_file /run/cluster-node/values\n';
  const read = `${load}echo "{{ context.get("/configuration/HttpProxy") }}" "{{ context.get("/system/dcv/url") }}"\n`;
  const plain = node({ [INSTALL]: read });
  const proxied = node({ [INSTALL]: read }, { configuration: { '/configuration/HttpProxy': 'http://proxy:3128' } });
  const text = `${load}echo "\${VALUE_CONFIGURATION_HTTP_PROXY}" "\${VALUE_SYSTEM_DCV_URL}"\n`;
  expect([plain, proxied].map(({ bundle }) => bundle.files['setup_post_reboot.install.sh'])).toEqual([text, text]);
  expect(valueLines(plain)).toEqual(expect.arrayContaining(['VALUE_CONFIGURATION_HTTP_PROXY=', 'VALUE_SYSTEM_DCV_URL=']));
  const encoded = Buffer.from('http://proxy:3128').toString('base64');
  expect(valueLines(proxied)).toContain(`VALUE_CONFIGURATION_HTTP_PROXY=${encoded}`);
});

describe('a script that uses a value that is a variable without reading the values', () => {
  const WINDOWS = 'windows_virtual_desktop/setup_user_customization.ps.j2';
  const CUSTOM = 'compute_node/setup_user_customization.sh.j2';
  const VALUE = 'echo "{{ context.get("/configuration/Region") }}"\n';
  const codeOf = (name: string, text: string): unknown => {
    const { stack, cluster } = sampleCluster({ templates: overlay({ [name]: text, 'mine/part.sh.j2': VALUE }) });
    const os = name === WINDOWS ? NodeOs.WINDOWS_2022 : NodeOs.AMAZON_LINUX_2023;
    return (thrownBy(() => new VirtualDesktopNode(stack, 'Node', { cluster, os })) as { code?: string } | undefined)?.code;
  };

  test.each([
    ['at all', CUSTOM, `#!/bin/bash\n${VALUE}`],
    ['at all, in an install', INSTALL, VALUE],
    ['at all, in PowerShell', WINDOWS, 'Write-Output "{{ context.get("/dcv/SessionOwner") }}"\n'],
    ['at all, in a part', CUSTOM, '{% include "mine/part.sh.j2" %}'],
    ['yet', CUSTOM, `${VALUE}{% include "templates/linux/prelude.sh.j2" %}\n`],
    ['but in a comment', CUSTOM, `# load_values\n${VALUE}`],
  ])('%s is refused', (_, name, text) => {
    expect(codeOf(name, text)).toBe('ValuesNotLoaded');
  });

  test.each([
    ['with the prelude', CUSTOM, `# {{ context.get("/configuration/Region") }}\n{% include "templates/linux/prelude.sh.j2" %}\n${VALUE}`],
    ['with the prelude of an install', INSTALL, `{% include "templates/linux/install_prelude.sh.j2" %}\n${VALUE}`],
    [
      'with the prelude in PowerShell',
      WINDOWS,
      '{% include "templates/windows/prelude.ps.j2" %}\n"{{ context.get("/dcv/SessionOwner") }}"\n',
    ],
    ['with a reader of its own', CUSTOM, `read_mine /run/cluster-node/values\n${VALUE}`],
    ['that is known at synth', CUSTOM, 'echo {{ context.get("/configuration/ClusterId") }}\n'],
    ['in a comment alone', CUSTOM, '# {{ context.get("/configuration/Region") }}\n'],
  ])('is taken %s', (_, name, text) => {
    expect(codeOf(name, text)).toBeUndefined();
  });

  test('is told what to write, and where', () => {
    expect(() => node({ [CUSTOM]: `\n${VALUE}` })).toThrow(
      /^compute_node\/setup_user_customization\.sh\.j2:2: .* \(key \/configuration\/Region\); write \{% include "templates\/linux\/prelude\.sh\.j2" %\} before it.* \(at Stack\/Node\)$/,
    );
  });
});

test('a download setting that is a token travels once', () => {
  const { stack, cluster } = sampleCluster({
    templates: overlay({ [INSTALL]: 'load_values_file /run/cluster-node/values\necho "{{ context.get("/configuration/NoProxy") }}"\n' }),
  });
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
    return new VirtualDesktopNode(stack, 'Node', {
      cluster,
      os: NodeOs.AMAZON_LINUX_2023,
      sessionOwner: 'alice',
      loginWith: LoginMethod.secret(secret),
    });
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
