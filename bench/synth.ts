import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { BootstrapTemplates, Cluster, NodeOs, VirtualDesktopNode } from '../lib';

// Synth of nodes against plain launch templates with inline UserData of the same size, alternating in one run, so that the
// ratio holds when the machine's speed drifts. `plain` is the same set of resources written by hand: launch template, role
// with the same statements, security group, tags. `bare` is the launch template alone, which nothing can be granted to.

const ROUNDS = 9;
const folders: string[] = [];

function emptyStack(): { app: App; stack: Stack; vpc: ec2.IVpc } {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  folders.push(outdir);
  const app = new App({ analyticsReporting: false, outdir });
  const stack = new Stack(app, 'Stack');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-11111111',
    availabilityZones: ['a'],
    privateSubnetIds: ['subnet-11111111'],
  });
  return { app, stack, vpc };
}

function nodes(count: number, templates: BootstrapTemplates): { app: App; nodes: VirtualDesktopNode[] } {
  const { app, stack, vpc } = emptyStack();
  const cluster = new Cluster(stack, 'Cluster', { clusterId: 'bench', vpc, templates });
  const made = Array.from(
    { length: count },
    (_, index) => new VirtualDesktopNode(stack, `Node${index}`, { cluster, os: NodeOs.AMAZON_LINUX_2023, sessionOwner: `user${index}` }),
  );
  return { app, nodes: made };
}

function plain(count: number, bytes: number): App {
  const { app, stack, vpc } = emptyStack();
  for (let index = 0; index < count; index++) {
    const role = new iam.Role(stack, `Role${index}`, { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    for (const [service, action, resource] of [
      ['s3', 's3:GetObject', 'bundle'],
      ['cloudformation', 'cloudformation:SignalResource', 'stack/*'],
      ['ec2', 'ec2:CreateTags', 'instance/*'],
      ['s3', 's3:GetObject', 'licence'],
    ]) {
      const resources = [stack.formatArn({ service, resource })];
      role.addToPolicy(new iam.PolicyStatement({ actions: [action], resources }));
    }
    const template = new ec2.LaunchTemplate(stack, `Node${index}`, {
      ...bareProps(bytes),
      role,
      securityGroup: new ec2.SecurityGroup(stack, `SecurityGroup${index}`, { vpc }),
    });
    for (const key of ['ClusterId', 'NodeType', 'BaseOS', 'SessionOwner']) {
      Tags.of(template).add(key, 'value');
    }
  }
  return app;
}

function bare(count: number, bytes: number): App {
  const { app, stack } = emptyStack();
  for (let index = 0; index < count; index++) {
    new ec2.LaunchTemplate(stack, `Node${index}`, bareProps(bytes));
  }
  return app;
}

function bareProps(bytes: number): ec2.LaunchTemplateProps {
  return {
    instanceType: new ec2.InstanceType('m7i.large'),
    machineImage: NodeOs.AMAZON_LINUX_2023.machineImage(ec2.InstanceArchitecture.X86_64),
    userData: ec2.UserData.custom(`#!/bin/bash\n${'x'.repeat(bytes - '#!/bin/bash\n'.length)}`),
    httpTokens: ec2.LaunchTemplateHttpTokens.REQUIRED,
    httpPutResponseHopLimit: 1,
    instanceMetadataTags: true,
    blockDevices: [{ deviceName: '/dev/xvda', volume: ec2.BlockDeviceVolume.ebs(40, { encrypted: true }) }],
  };
}

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Templates that nothing has been rendered with: an overlay that changes nothing. */
function freshTemplates(): BootstrapTemplates {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  folders.push(folder);
  fs.writeFileSync(path.join(folder, 'none.sh.j2'), '');
  return BootstrapTemplates.fromDirectory(folder);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function main(): void {
  const [sample] = nodes(1, BootstrapTemplates.builtIn()).nodes;
  const { bytes, worstCaseBytes } = sample.userDataBudget;
  print(`node ${process.version}, ${os.cpus().length} processors (${os.cpus()[0]?.model ?? 'unknown'}), medians of ${ROUNDS} rounds`);
  print(`UserData ${bytes} bytes (at most ${worstCaseBytes}), bundle ${sample.bundle.archiveBytes} bytes for each kind of node`);
  print('');
  print('nodes   this library    plain    ratio     bare    ratio');
  for (const count of [1, 10, 100]) {
    // Each round renders anew, as a process of its own would.
    const round = () => ({
      ours: milliseconds(() => nodes(count, freshTemplates()).app.synth()),
      plain: milliseconds(() => plain(count, bytes).synth()),
      bare: milliseconds(() => bare(count, bytes).synth()),
    });
    round();
    const rounds = Array.from({ length: ROUNDS }, round);
    const time = (side: 'ours' | 'plain' | 'bare') => `${median(rounds.map((r) => r[side])).toFixed(0)} ms`;
    const ratio = (side: 'plain' | 'bare') => median(rounds.map((r) => r.ours / r[side])).toFixed(2);
    print(
      String(count).padStart(5) +
        time('ours').padStart(15) +
        time('plain').padStart(10) +
        ratio('plain').padStart(8) +
        time('bare').padStart(10) +
        ratio('bare').padStart(8),
    );
  }
  const rendering = Array.from({ length: ROUNDS }, () => {
    const templates = freshTemplates();
    const { stack, vpc } = emptyStack();
    const cluster = new Cluster(stack, 'Cluster', { clusterId: 'bench', vpc, templates });
    const first = milliseconds(() => new VirtualDesktopNode(stack, 'First', { cluster, os: NodeOs.AMAZON_LINUX_2023 }));
    const second = milliseconds(() => new VirtualDesktopNode(stack, 'Second', { cluster, os: NodeOs.AMAZON_LINUX_2023 }));
    return { first, second };
  });
  print('');
  print(
    `constructing a node: ${median(rendering.map((r) => r.first)).toFixed(1)} ms when its templates are compiled and rendered, ` +
      `${median(rendering.map((r) => r.second)).toFixed(1)} ms when its bundle is known`,
  );
  folders.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true }));
}

main();
