// A test as a team writes it, in plain JavaScript: no transform, no settings.
const fs = require('fs');
const os = require('os');
const path = require('path');
const { App, Stack } = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const { BootstrapTemplates, Cluster, ErrorCode, NodeOs, NodeUserData, VirtualDesktopNode } = require('cdk-cluster-nodes');

function desktop(customization) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'overlay-'));
  fs.mkdirSync(path.join(folder, 'compute_node'));
  fs.writeFileSync(path.join(folder, 'compute_node/setup_user_customization.sh.j2'), customization);
  const stack = new Stack(new App(), 'Lab');
  const vpc = new ec2.Vpc(stack, 'Vpc');
  const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc, templates: BootstrapTemplates.fromDirectory(folder) });
  return new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04 });
}

test(`scripts are parsed on Node.js ${process.version}`, () => {
  expect(NodeUserData.fromNode(desktop('echo a\n')).files['setup_user_customization.sh']).toBe('echo a\n');
  expect(() => desktop('main() {\n}\n')).toThrow(/^compute_node\/setup_user_customization\.sh\.j2:1: bash cannot read this: /);
  expect(ErrorCode.SHELL_SYNTAX).toBe('ShellSyntax');
});
