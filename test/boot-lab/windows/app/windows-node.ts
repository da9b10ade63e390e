import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AwsCli, NodeImage, NodeOs, VirtualDesktopNode } from '../../../../lib';
import { composeCluster, type NodeInput } from '../../app/node-under-test';
import { DCV_PACKAGE, DCV_VERSION, fileOf, RUNTIME_PACKAGE } from '../image/downloads';
import type { WindowsVersion } from '../scenario';

const OPERATING_SYSTEMS: Readonly<Record<WindowsVersion, NodeOs>> = {
  windows2019: NodeOs.WINDOWS_2019,
  windows2022: NodeOs.WINDOWS_2022,
  windows2025: NodeOs.WINDOWS_2025,
};

/** Composes the cluster and the Windows desktop of one run in its stack. */
export function composeWindowsNode(
  stack: Stack,
  version: WindowsVersion,
  input: NodeInput,
  templatesFolder: string | undefined,
  downloads: string,
): void {
  const given = input.node?.(stack, downloads) ?? {};
  const dcv = fileOf(downloads, DCV_PACKAGE);
  const node = new VirtualDesktopNode(stack, 'Node', {
    cluster: composeCluster(stack, input, templatesFolder),
    os: OPERATING_SYSTEMS[version],
    instanceType: ec2.InstanceType.of(ec2.InstanceClass.M7I, ec2.InstanceSize.LARGE),
    awsCli: AwsCli.none(),
    ...given,
    configuration: {
      '/system/dcv/version': DCV_VERSION,
      '/system/dcv/url': dcv.url,
      '/system/dcv/sha256': dcv.sha256,
      '/system/dcv/runtime_url': fileOf(downloads, RUNTIME_PACKAGE).url,
      // Long enough to see that it is waited for.
      '/system/dcv/stable_seconds': 2,
      // The lab's own restarts take two seconds.
      '/system/interruption_wait_seconds': 50,
      ...given.configuration,
    },
  });
  node.userData.addCommands(...(input.commands ?? []));
  if (input.builds === true) new NodeImage(stack, 'Image', { node });
}
