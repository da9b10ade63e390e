import { App } from 'aws-cdk-lib';
import { InstanceArchitecture, InstanceType } from 'aws-cdk-lib/aws-ec2';
import { NodeOs } from '../lib';
import { ClusterStack, type NodeSettings } from './cluster-stack';

// The app behind cdk.json. Settings come from CDK context: `cdk deploy -c clusterId=lab -c linuxDesktopOs=amazonlinux2023`.

function main(): void {
  const app = new App();
  const setting = (name: string): string | undefined => {
    const value = app.node.tryGetContext(name) as unknown;
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw new Error(`expected the context value ${name} to be text, got ${JSON.stringify(value)}`);
    }
    return value;
  };
  const node = (prefix: string, os: string): NodeSettings => {
    const architecture = setting(`${prefix}Architecture`);
    if (architecture !== undefined && !(Object.values(InstanceArchitecture) as string[]).includes(architecture)) {
      throw new Error(
        `expected the context value ${prefix}Architecture to be ${Object.values(InstanceArchitecture).join(' or ')}, got ${architecture}`,
      );
    }
    const url = setting(`${prefix}SsmAgentUrl`);
    const instanceType = setting(`${prefix}InstanceType`);
    return {
      os: NodeOs.fromName(setting(`${prefix}Os`) ?? os),
      architecture: architecture as InstanceArchitecture | undefined,
      instanceType: instanceType === undefined ? undefined : new InstanceType(instanceType),
      imageId: setting(`${prefix}ImageId`),
      ssmAgent:
        url === undefined
          ? undefined
          : { url, version: setting(`${prefix}SsmAgentVersion`) ?? '', sha256: setting(`${prefix}SsmAgentSha256`) ?? '' },
    };
  };
  const clusterId = setting('clusterId') ?? 'demo';
  new ClusterStack(app, 'ClusterNodes', {
    stackName: `${clusterId}-cluster`,
    clusterId,
    linuxDesktop: node('linuxDesktop', NodeOs.UBUNTU_24_04.name),
    windowsDesktop: node('windowsDesktop', NodeOs.WINDOWS_2022.name),
    loginNode: node('loginNode', NodeOs.AMAZON_LINUX_2023.name),
    sessionOwner: setting('sessionOwner'),
  });
}

main();
