import * as fs from 'fs';
import * as path from 'path';
import type { App } from 'aws-cdk-lib';
import { ClusterStack } from '../bin/cluster-stack';
import { NodeOs } from '../lib';

/** The feature flags of the app. */
export const FLAGS = (
  JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'cdk.json'), 'utf8')) as { context: { [key: string]: unknown } }
).context;

/** The stack of the app, without settings. */
export function demoStack(app: App): ClusterStack {
  return new ClusterStack(app, 'ClusterNodes', {
    clusterId: 'demo',
    linuxDesktop: { os: NodeOs.UBUNTU_24_04 },
    windowsDesktop: { os: NodeOs.WINDOWS_2022 },
    loginNode: { os: NodeOs.AMAZON_LINUX_2023 },
  });
}
