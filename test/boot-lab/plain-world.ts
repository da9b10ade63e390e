import { generateKeyPairSync } from 'node:crypto';
import { HOST_KEYS_SECRET } from './app/node-under-test';
import { ACCOUNT, LaunchedNode } from './app/synthesis';
import { DEFAULT_REGION } from './catalogue';
import type { World } from './services/world';

const INSTANCE_ID = 'i-0123456789abcdef0';

export const CREDENTIALS = {
  accessKeyId: 'ASIALABLABLABLABLAB0',
  secretAccessKey: 'labSecretAccessKey0123456789abcdefghijkl',
  sessionToken: 'labSessionToken0123456789abcdefghijklmnopqrstuvwxyz',
};

/** The host keys of the login nodes, as a cluster would keep them in a secret. */
const HOST_KEYS = JSON.stringify({
  ssh_host_ecdsa_key: generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey,
});

/** The world of a node in which nothing goes wrong. */
export function plainWorld(place: Pick<Partial<World>, 'region' | 'partition'>, node: LaunchedNode): World {
  return {
    region: place.region ?? DEFAULT_REGION,
    partition: place.partition ?? 'aws',
    account: ACCOUNT,
    instance: {
      id: INSTANCE_ID,
      type: 'm7i.large',
      image: 'ami-0123456789abcdef0',
      tags: node.tags,
      stack: node.launchedBy,
      userData: node.userData,
    },
    group: node.group,
    credentials: CREDENTIALS,
    policy: node.policy,
    objects: node.objects,
    secrets: { [HOST_KEYS_SECRET]: HOST_KEYS },
    stacks: {},
    faults: [],
    clockAheadSeconds: 0,
    fileSystemsAvailable: true,
    onlyThroughProxy: false,
    strangers: [],
  };
}
