import { App, Stack, type StackProps } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  Cluster,
  ClusterNode,
  type ClusterOptions,
  LoginMethod,
  LoginNode,
  NodeOs,
  NodeType,
  VirtualDesktopNode,
  type NodeOptions,
} from '../lib';

/** A stack with a cluster to put nodes into. `made` are options that have to be in the stack. */
export function sampleCluster(
  options: Partial<ClusterOptions> & { context?: { [key: string]: unknown }; stackProps?: StackProps } = {},
  made: (stack: Stack, vpc: ec2.Vpc) => Partial<ClusterOptions> = () => ({}),
) {
  const { context, stackProps, ...clusterOptions } = options;
  const app = new App({ context });
  const stack = new Stack(app, 'Stack', stackProps);
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc, ...clusterOptions, ...made(stack, vpc) });
  return { app, stack, vpc, cluster };
}

const AGENT_FOR_ALL = LoginMethod.generatedPassword({
  ssmAgent: { version: '3.3.0.0', url: 'https://ssm-agent.example.com/amazon-ssm-agent.rpm', sha256: '5'.repeat(64) },
});

/** A node of any kind, with an image where the system has no default. */
export function addNode(
  cluster: Cluster,
  id: string,
  kind: { os: NodeOs; architecture?: ec2.InstanceArchitecture; nodeType: NodeType },
): ClusterNode {
  const props: NodeOptions = {
    cluster,
    os: kind.os,
    architecture: kind.architecture,
    machineImage: /rhel|rocky/.test(kind.os.name) ? new FixedImage() : undefined,
  };
  switch (kind.nodeType) {
    case NodeType.DCV_NODE:
      return new VirtualDesktopNode(cluster, id, { ...props, loginWith: kind.os.ssmAgentInImage ? undefined : AGENT_FOR_ALL });
    case NodeType.LOGIN_NODE:
      return new LoginNode(cluster, id, props);
    case NodeType.COMPUTE_NODE:
      return new ClusterNode(cluster, id, { ...props, nodeType: NodeType.COMPUTE_NODE });
  }
}

/** Every kind of node that exists. */
export function allKinds(): { os: NodeOs; architecture: ec2.InstanceArchitecture; nodeType: NodeType; title: string }[] {
  return NodeOs.all().flatMap((os) =>
    os.architectures.flatMap((architecture) =>
      (os.distribution === 'windows' ? [NodeType.DCV_NODE] : Object.values(NodeType)).map((nodeType) => ({
        os,
        architecture,
        nodeType,
        title: `${os.name}-${architecture}-${nodeType}`,
      })),
    ),
  );
}

/** An image for any region. */
export class FixedImage implements ec2.IMachineImage {
  public constructor(private readonly osType = ec2.OperatingSystemType.LINUX) {}

  public getImage(): ec2.MachineImageConfig {
    const windows = this.osType === ec2.OperatingSystemType.WINDOWS;
    return { imageId: 'ami-11111111', osType: this.osType, userData: windows ? ec2.UserData.forWindows() : ec2.UserData.forLinux() };
  }
}

/** A template without what changes when only the content of an asset does. */
export function withoutHashes(template: object): unknown {
  return JSON.parse(
    JSON.stringify(template)
      .replace(/[0-9a-f]{64}/g, '<sha256>')
      .replace(/(?<="cluster-node:LibraryVersion","Value":")[^"]+/g, '<version>')
      .replace(/VALUE_BOOTSTRAP_BUNDLE_KEY=[A-Za-z0-9+/=]+/g, 'VALUE_BOOTSTRAP_BUNDLE_KEY=<base64>'),
  );
}

/** What CDK makes of a VPC, the same for everybody. */
const OF_THE_NETWORK = /^AWS::EC2::(Subnet|Route|RouteTable|SubnetRouteTableAssociation|EIP|InternetGateway|VPCGatewayAttachment)$/;

/** A whole template, without hashes, what is CDK's own, and the middle of scripts, which test/unit/rendered has. */
export function snapshotOf(template: Template): unknown {
  const { Resources: resources, ...rest } = withoutHashes(template.toJSON()) as { Resources: { [id: string]: { Type: string } } };
  const ours = Object.entries(resources).filter(([, { Type: type }]) => !OF_THE_NETWORK.test(type));
  const shortened = (_key: string, value: unknown): unknown => {
    const lines = typeof value === 'string' ? value.split('\n') : [];
    return lines.length > 15 ? [...lines.slice(0, 2), '[...]', ...lines.slice(-5)].join('\n') : value;
  };
  return JSON.parse(JSON.stringify({ ...rest, Resources: Object.fromEntries(ours) }, shortened));
}

/** Statements of the policies that the roles of nodes are made with. */
export function bootstrapStatements(template: Template): { Action: unknown; Resource: unknown; Condition?: unknown }[] {
  const roles = Object.values(template.findResources('AWS::IAM::Role')) as {
    Properties: { Policies?: { PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] } }[] };
  }[];
  return roles.flatMap((role) => (role.Properties.Policies ?? []).flatMap((policy) => policy.PolicyDocument.Statement));
}
