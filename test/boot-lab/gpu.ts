import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { GpuDriver } from '../../lib';
import type { World } from './services/world';

const INSTALLER = path.join(__dirname, 'gpu-installer.sh');
const BUCKET = 'lab-drivers';
const KEY = 'NVIDIA-Linux-x86_64-580.126.09-grid-aws.run';

/** Of a scenario: a node with a GPU, whose driver lies in a bucket. */
export const DRIVER_IN_BUCKET = {
  input: {
    node: () => ({
      instanceType: new ec2.InstanceType('g5.xlarge'),
      gpuDriver: GpuDriver.nvidiaGrid({
        release: '19.4',
        version: '580.126.09',
        sha256: createHash('sha256').update(readFileSync(INSTALLER)).digest('hex'),
        url: `s3://${BUCKET}/${KEY}`,
      }),
    }),
  },
  installsHardware: true,
  world: ({ objects }: World) => ({ objects: [...objects, { bucket: BUCKET, key: KEY, file: INSTALLER }] }),
} as const;
