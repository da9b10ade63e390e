import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { BootstrapTemplates } from '../../lib/bootstrap/bootstrap-templates';
import { resolvedText } from '../../lib/bootstrap/resolved-text';
import { Cluster } from '../../lib/cluster/cluster';
import { ClusterNode } from '../../lib/nodes/cluster-node';
import { LoginMethod } from '../../lib/nodes/login-method';
import { LoginNode } from '../../lib/nodes/login-node';
import { NodeOs } from '../../lib/nodes/node-os';
import { NodeOsFamily } from '../../lib/nodes/node-os-props';
import { NodeType } from '../../lib/nodes/node-type';
import { VirtualDesktopNode } from '../../lib/nodes/virtual-desktop-node';

/** A kind of node, as named on the command line. */
export interface NodeKind {
  readonly os: NodeOs;
  readonly architecture: ec2.InstanceArchitecture;
  readonly nodeType: NodeType;
}

/** Every kind of node that exists. */
export function allNodeKinds(): NodeKind[] {
  return NodeOs.all().flatMap((nodeOs) =>
    nodeOs.architectures.flatMap((architecture) => nodeTypesOf(nodeOs).map((nodeType) => ({ os: nodeOs, architecture, nodeType }))),
  );
}

export function nodeTypesOf(nodeOs: NodeOs): NodeType[] {
  return nodeOs.family === NodeOsFamily.WINDOWS ? [NodeType.DCV_NODE] : Object.values(NodeType);
}

// What CloudFormation would put in, as documentation writes it. No account is asked.
const SAMPLE_VALUES: { readonly [reference: string]: string } = {
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '111122223333',
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'sample-stack',
};

const SAMPLE_LOGIN = LoginMethod.generatedPassword({
  ssmAgent: { version: '0', url: 'https://ssm-agent.example.com/amazon-ssm-agent.rpm', sha256: '0'.repeat(64) },
});

/** A cluster with the network and the images of nowhere, to look at what would run on its nodes. */
export class SampleCluster {
  private readonly stack: Stack;
  private readonly cluster: Cluster;

  public constructor(
    templates: BootstrapTemplates,
    configuration: { readonly [key: string]: unknown },
    private readonly outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'cluster-nodes-')),
  ) {
    this.stack = new Stack(new App({ outdir, analyticsReporting: false }), 'sample-stack');
    const vpc = ec2.Vpc.fromVpcAttributes(this.stack, 'Vpc', {
      vpcId: 'vpc-00000000000000000',
      availabilityZones: ['us-east-1a'],
      privateSubnetIds: ['subnet-00000000000000000'],
    });
    const { '/configuration/ClusterId': clusterId, ...others } = configuration;
    this.cluster = new Cluster(this.stack, 'Cluster', {
      clusterId: typeof clusterId === 'string' ? clusterId : 'sample',
      vpc,
      templates,
      configuration: others,
    });
  }

  public node(kind: NodeKind): ClusterNode {
    const props = {
      cluster: this.cluster,
      os: kind.os,
      architecture: kind.architecture,
      machineImage: new SampleImage(kind.os),
    };
    const id = `${kind.os.name}-${kind.architecture}-${kind.nodeType}`;
    switch (kind.nodeType) {
      case NodeType.DCV_NODE:
        return new VirtualDesktopNode(this.stack, id, { ...props, loginWith: kind.os.ssmAgentInImage ? undefined : SAMPLE_LOGIN });
      case NodeType.LOGIN_NODE:
        return new LoginNode(this.stack, id, props);
      case NodeType.COMPUTE_NODE:
        return new ClusterNode(this.stack, id, { ...props, nodeType: NodeType.COMPUTE_NODE });
    }
  }

  /** UserData of a node with sample values in place of what CloudFormation knows. */
  public userData(node: ClusterNode): string {
    return resolvedText(this.stack, node.userData.render(), {
      value: (reference) => SAMPLE_VALUES[reference] ?? reference,
      base64: (text) => Buffer.from(text, 'utf8').toString('base64'),
    });
  }

  /** Removes the files that the cluster has written. */
  public dispose(): void {
    fs.rmSync(this.outdir, { recursive: true, force: true });
  }
}

class SampleImage implements ec2.IMachineImage {
  public constructor(private readonly nodeOs: NodeOs) {}

  public getImage(): ec2.MachineImageConfig {
    const windows = this.nodeOs.family === NodeOsFamily.WINDOWS;
    return {
      imageId: 'ami-00000000000000000',
      osType: windows ? ec2.OperatingSystemType.WINDOWS : ec2.OperatingSystemType.LINUX,
      userData: windows ? ec2.UserData.forWindows() : ec2.UserData.forLinux(),
    };
  }
}
