import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { BootstrapTemplates, Cluster, NodeOs, VirtualDesktopNode } from '../lib';

// Synth of nodes against plain launch templates with inline UserData of the same size. The two alternate in one run, so
// that the ratio holds when the machine's speed drifts. Both sides have an image, an instance type, a role with a policy
// and a security group, which is what a launch template needs before anything can be granted or connected to it.

const ROUNDS = 9;
const folders: string[] = [];

function emptyStack(): { app: App; stack: Stack; vpc: ec2.IVpc } {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  folders.push(outdir);
  const app = new App({ analyticsReporting: false, outdir });
  const stack = new Stack(app, 'Stack');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
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
    const userData = ec2.UserData.custom(`#!/bin/bash\n${'x'.repeat(bytes - '#!/bin/bash\n'.length)}`);
    const role = new iam.Role(stack, `Role${index}`, { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::bucket/key'] }));
    new ec2.LaunchTemplate(stack, `Node${index}`, {
      instanceType: new ec2.InstanceType('m7i.large'),
      machineImage: NodeOs.AMAZON_LINUX_2023.machineImage(ec2.InstanceArchitecture.X86_64),
      userData,
      role,
      securityGroup: new ec2.SecurityGroup(stack, `SecurityGroup${index}`, { vpc }),
      httpTokens: ec2.LaunchTemplateHttpTokens.REQUIRED,
      blockDevices: [{ deviceName: '/dev/xvda', volume: ec2.BlockDeviceVolume.ebs(40, { encrypted: true }) }],
    });
  }
  return app;
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
  print('nodes   this library      plain launch templates   ratio');
  for (const count of [1, 10, 100]) {
    // Each round renders anew, as a process of its own would.
    const round = () => ({
      ours: milliseconds(() => nodes(count, freshTemplates()).app.synth()),
      theirs: milliseconds(() => plain(count, bytes).synth()),
    });
    round();
    const rounds = Array.from({ length: ROUNDS }, round);
    const ours = median(rounds.map((r) => r.ours));
    const theirs = median(rounds.map((r) => r.theirs));
    const ratio = median(rounds.map((r) => r.ours / r.theirs));
    print(
      `${String(count).padStart(5)}   ${ours.toFixed(0).padStart(9)} ms   ${theirs.toFixed(0).padStart(19)} ms   ${ratio.toFixed(2).padStart(5)}`,
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
