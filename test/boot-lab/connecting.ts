import { connectTo } from '../../lib/sessions/connect';
import { DesktopSessionState } from '../../lib/sessions/desktop-session';
import { RunCommandApi } from '../../lib/sessions/run-command';
import { SessionError } from '../../lib/sessions/session-error';
import { SYSTEM_CLOCK } from '../../lib/aws/clock';
import { CLUSTER_ID } from './app/node-under-test';
import type { Lab } from './lab';

export const CONNECT_SCRIPT = '/opt/cluster-node/bootstrap/connect.sh';

/** What the owner is told, or why not. */
export interface Connected {
  readonly password: string;
  readonly fingerprint: string;
  readonly refusal: string;
}

/** Asks the machine for the password as `cluster-nodes session connect` does, as if its session were ready. */
export async function connect(lab: Lab, action: 'connect' | 'reset' = 'connect'): Promise<Connected> {
  const { id, tags } = lab.services.world.instance;
  const session = {
    sessionId: 'session-1',
    clusterId: CLUSTER_ID,
    state: DesktopSessionState.READY,
    owner: tags['cluster-node:SessionOwner'],
    stackName: 'lab-desktop-session-1',
    stackId: '',
    stackStatus: 'CREATE_COMPLETE',
    instanceId: id,
    privateIp: '10.99.0.5',
    requestedAt: '',
  };
  try {
    const { password, certificateFingerprint } = await connectTo(session, action, new RunCommandApi(lab.ssm.region), SYSTEM_CLOCK);
    lab.notes[`secret ${++given}`] = password;
    return { password, fingerprint: certificateFingerprint, refusal: '' };
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return { password: '', fingerprint: '', refusal: error.message };
  }
}

let given = 0;
