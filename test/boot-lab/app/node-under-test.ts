import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { CfnParameter, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  AwsCli,
  BootstrapTemplates,
  CloudWatchAgent,
  Cluster,
  ClusterNode,
  ClusterOptions,
  type DownloadSource,
  LoginNode,
  NodeImage,
  NodeOptions,
  NodeOs,
  VirtualDesktopNode,
  VirtualDesktopNodeProps,
} from '../../../lib';
import {
  AWS_CLI_ARCHIVE,
  AWS_CLI_HOST,
  AWS_CLI_VERSION,
  CLOUDWATCH_AGENT_FINGERPRINT,
  CLOUDWATCH_AGENT_HOST,
  CLOUDWATCH_AGENT_KEY,
  dcvArchive,
  DCV_DOWNLOAD_HOST,
  PACKAGE_LIST,
} from '../image/package-repositories';
import type { Variant } from '../scenario';
import { vendorFile } from './vendor-file';

/** Package family of a machine image: dressed as Amazon Linux 2023 or as Ubuntu 24.04. */
export type Family = 'rpm' | 'deb';
export type Kind = 'desktop' | 'login';

export const OPERATING_SYSTEMS: Readonly<Record<Family, NodeOs>> = { rpm: NodeOs.AMAZON_LINUX_2023, deb: NodeOs.UBUNTU_24_04 };
export const CLUSTER_ID = 'lab';

/** What a scenario says about the node that it boots; everything else is a plain node of its kind. */
export interface NodeInput {
  readonly cluster?: (stack: Stack) => Omit<Partial<ClusterOptions>, 'vpc'>;
  /** The second argument is the folder of what vendors have in the lab, by host and path. */
  readonly node?: (
    stack: Stack,
    downloads: string,
  ) => Partial<Omit<NodeOptions, 'cluster' | 'os'>> & Partial<Omit<VirtualDesktopNodeProps, keyof NodeOptions>>;
  /** Commands that are added to the UserData. */
  readonly commands?: readonly string[];
  /** Version of the DCV server; without it, the newest of the lab. */
  readonly dcvVersion?: string;
  /** The stack has an image for the node. */
  readonly builds?: true;
  /** Values of the CloudFormation parameters that the functions above declare with `deployTime`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A deploy-time value: a parameter of the stack, whose value stands in the scenario's `parameters`. */
export function deployTime(stack: Stack, name: string): string {
  const existing = stack.node.tryFindChild(name) as CfnParameter | undefined;
  return (existing ?? new CfnParameter(stack, name)).valueAsString;
}

export const HOST_KEYS_SECRET = `arn:aws:secretsmanager:eu-central-1:111122223333:secret:lab/host-keys-AbCdEf`;

/** The lab's own archive, from the vendor's host: its checksum cannot be the vendor's. */
function dcvServer(
  family: Family,
  downloads: string,
  version = PACKAGE_LIST.dcv.version,
  source?: DownloadSource,
): { [key: string]: string } {
  const { url, sha256 } = vendorFile(downloads, DCV_DOWNLOAD_HOST, dcvArchive(family, version));
  return {
    '/system/dcv/version': version,
    // A source has the vendor's names, with what the scenario puts there.
    ...(source === undefined ? { '/system/dcv/url': url } : {}),
    '/system/dcv/sha256': sha256,
  };
}

/** The lab's own archive, for the same reason. In the other family it is a package. */
function awsCli(downloads: string): AwsCli {
  return AwsCli.fromFile({ version: AWS_CLI_VERSION, ...vendorFile(downloads, AWS_CLI_HOST, AWS_CLI_ARCHIVE) });
}

/** By the lab's own key. In the other family it is a package. */
function cloudWatchAgent(downloads: string): CloudWatchAgent {
  const text = (file: string): string => readFileSync(path.join(downloads, CLOUDWATCH_AGENT_HOST, file), 'utf8');
  return CloudWatchAgent.signed({ signingKey: { fingerprint: text(CLOUDWATCH_AGENT_FINGERPRINT), publicKey: text(CLOUDWATCH_AGENT_KEY) } });
}

/** The cluster of one run. */
export function composeCluster(stack: Stack, input: NodeInput, templatesFolder: string | undefined): Cluster {
  return new Cluster(stack, 'Cluster', {
    clusterId: CLUSTER_ID,
    vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-central-1a'],
      privateSubnetIds: ['subnet-0123456789abcdef0'],
      privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
    }),
    ...(templatesFolder === undefined ? {} : { templates: BootstrapTemplates.fromDirectory(templatesFolder) }),
    ...input.cluster?.(stack),
  });
}

/** Composes the cluster and the node of one run in its stack. */
export function composeNode(
  stack: Stack,
  { kind, family, realDesktop }: Variant,
  input: NodeInput,
  templatesFolder: string | undefined,
  downloads: string,
): void {
  const cluster = composeCluster(stack, input, templatesFolder);
  const given = input.node?.(stack, downloads) ?? {};
  const common = {
    cluster,
    os: OPERATING_SYSTEMS[family],
    instanceType: ec2.InstanceType.of(ec2.InstanceClass.M7I, ec2.InstanceSize.LARGE),
    ...(family === 'deb' ? { awsCli: awsCli(downloads) } : {}),
    // A node without a log group has no agent.
    ...(family === 'deb' && (given.logGroup ?? cluster.logGroup) !== undefined ? { cloudWatchAgent: cloudWatchAgent(downloads) } : {}),
    ...given,
  };
  let node: ClusterNode;
  if (kind === 'desktop') {
    node = new VirtualDesktopNode(stack, 'Node', {
      ...common,
      configuration: {
        ...dcvServer(family, downloads, input.dcvVersion, given.dcvSource),
        // Long enough to see that it is waited for. A real shell draws nothing for a moment when it has started.
        '/system/dcv/stable_seconds': realDesktop === true ? 5 : 2,
        ...given.configuration,
      },
    });
  } else {
    node = new LoginNode(stack, 'Node', {
      ...common,
      hostKeysSecret: secretsmanager.Secret.fromSecretCompleteArn(stack, 'HostKeys', HOST_KEYS_SECRET),
    });
  }
  node.userData.addCommands(...(input.commands ?? []));
  if (input.builds === true) new NodeImage(stack, 'Image', { node });
}
