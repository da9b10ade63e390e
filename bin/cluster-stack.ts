import { RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct, IConstruct } from 'constructs';
import {
  Cluster,
  ClusterNode,
  LoginMethod,
  LoginNode,
  NodeOs,
  NodeOsFamily,
  NodeOptions,
  SharedFileSystem,
  type VerifiedFile,
  VirtualDesktopNode,
} from '../lib';

/** Settings of one node, as CDK context gives them. */
export interface NodeSettings {
  readonly os: NodeOs;
  readonly architecture?: ec2.InstanceArchitecture;
  readonly instanceType?: ec2.InstanceType;
  /** Id of the image, for systems without a public SSM parameter. */
  readonly imageId?: string;
  /** Package of the SSM agent, for desktops of systems whose images have none. */
  readonly ssmAgent?: VerifiedFile;
}

/** Settings of the cluster. */
export interface ClusterStackProps extends StackProps {
  readonly clusterId: string;
  readonly linuxDesktop: NodeSettings;
  readonly windowsDesktop: NodeSettings;
  readonly loginNode: NodeSettings;
  /** Owner of desktops that are launched without one. */
  readonly sessionOwner?: string;
}

/** A cluster with a network of its own, a shared file system, Linux and Windows desktops and a login node. */
export class ClusterStack extends Stack {
  public constructor(scope: Construct, id: string, props: ClusterStackProps) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 1,
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
      flowLogs: {
        Rejected: {
          destination: ec2.FlowLogDestination.toCloudWatchLogs(
            new logs.LogGroup(this, 'FlowLogs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY }),
          ),
          trafficType: ec2.FlowLogTrafficType.REJECT,
        },
      },
    });
    const apps = new efs.FileSystem(this, 'Apps', {
      vpc,
      encrypted: true,
      // Mounted over NFS without IAM; its security group lets in the cluster's nodes alone.
      allowAnonymousAccess: true,
      // With the data of users, but not of a deployment that failed before there were any.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const cluster = new Cluster(this, 'Cluster', {
      clusterId: props.clusterId,
      vpc,
      fileSystems: [SharedFileSystem.efs({ fileSystem: apps, mountPath: '/apps' })],
    });

    const linuxDesktop = new VirtualDesktopNode(this, 'LinuxDesktop', {
      ...nodeOptions(cluster, props.linuxDesktop),
      loginWith: LoginMethod.generatedPassword({ ssmAgent: props.linuxDesktop.ssmAgent }),
      sessionOwner: props.sessionOwner,
    });
    const windowsDesktop = new VirtualDesktopNode(this, 'WindowsDesktop', {
      ...nodeOptions(cluster, props.windowsDesktop),
      sessionOwner: props.sessionOwner,
    });
    const loginNode = new LoginNode(this, 'LoginNode', nodeOptions(cluster, props.loginNode));

    linuxDesktop.addSessionOutputs();
    windowsDesktop.addSessionOutputs();
    this.acknowledgeFindings(props.clusterId, linuxDesktop, windowsDesktop, loginNode);
  }

  /** What cdk-nag and the library point out and is meant to be so, one by one. */
  private acknowledgeFindings(clusterId: string, linux: ClusterNode, windows: ClusterNode, login: LoginNode): void {
    const wildcard = (node: ClusterNode, resource: string, reason: string) =>
      acknowledge(node.role, `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${resource}]`, reason);
    const here = '<AWS::Region>:<AWS::AccountId>';
    for (const desktop of [linux, windows]) {
      wildcard(desktop, 's3:::dcv-license.<AWS::Region>/*', 'Amazon DCV documents the licence as any object of this bucket');
      wildcard(
        desktop,
        `cloudformation:${here}:stack/${clusterId}-desktop-*/*`,
        'desktops are requested after this stack is deployed; the names of their stacks start like this',
      );
    }
    wildcard(login, `cloudformation:${here}:stack/<AWS::StackName>/*`, 'the id of its own stack is not known to its template');
    wildcard(
      login,
      `autoscaling:${here}:autoScalingGroup:*:autoScalingGroupName/*`,
      'limited by condition to the group of the node; the group depends on the role, which so cannot name it',
    );
    for (const desktop of [linux, windows]) {
      acknowledge(
        desktop.role,
        'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
        'the control channels of Systems Manager know no resources',
      );
    }
    for (const node of [linux, windows, login]) {
      const bundles = 's3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*.cluster-node-bundle';
      wildcard(node, bundles, 'launch template versions of earlier deployments have other bundles; each is checked by its checksum');
      wildcard(
        node,
        `ec2:${here}:instance/*`,
        'to set tags, limited by condition to the own instance and to two tag keys; to tell Systems Manager of itself, which knows no narrower condition',
      );
    }
    acknowledge(
      login.autoScalingGroup,
      'AwsSolutions::AwsSolutions-AS3',
      'the team that runs the cluster decides whom scaling events notify',
    );
  }
}

function nodeOptions(cluster: Cluster, settings: NodeSettings): NodeOptions {
  return {
    cluster,
    os: settings.os,
    architecture: settings.architecture,
    instanceType: settings.instanceType,
    machineImage: settings.imageId === undefined ? undefined : new FixedImage(settings.imageId, settings.os),
    detailedMonitoring: true,
  };
}

/** An image by its id, in whatever region the stack is deployed to. */
class FixedImage implements ec2.IMachineImage {
  public constructor(
    private readonly imageId: string,
    private readonly os: NodeOs,
  ) {}

  public getImage(): ec2.MachineImageConfig {
    const windows = this.os.family === NodeOsFamily.WINDOWS;
    return {
      imageId: this.imageId,
      osType: windows ? ec2.OperatingSystemType.WINDOWS : ec2.OperatingSystemType.LINUX,
      userData: windows ? ec2.UserData.forWindows() : ec2.UserData.forLinux(),
    };
  }
}

function acknowledge(scope: IConstruct, id: string, reason: string): void {
  Validations.of(scope).acknowledge({ id, reason });
}
