import { windowsScenario, withTags } from '../../scenario';

const HOSTILE = `ö "$(New-Item C:\\ran)" '; New-Item C:\\ran #\`; & < > | % ^ {0}`;

export default windowsScenario({
  summary: 'signs of every kind in tags reach a customization and the variables of the machine as they are, and none of them runs',
  verdict: 'ready',
  world: (world) => withTags(world, { 'cluster-node:SessionName': HOSTILE }),
  expect: (seen, check) => {
    check.equal(seen.machine.read('C:\\seen'), HOSTILE, 'what the script saw');
    const { id, tags } = seen.world.instance;
    const variables = {
      ARCHITECTURE: 'x86_64',
      BASE_OS: 'windows2022',
      CLUSTER_ID: 'lab',
      GPU: 'none',
      INSTANCE_ID: id,
      PROJECT: tags['cluster-node:Project'],
      REGION: seen.world.region,
      SESSION_ID: tags['cluster-node:SessionId'],
      SESSION_NAME: HOSTILE,
      SESSION_OWNER: tags['cluster-node:SessionOwner'],
      TYPE: 'dcv_node',
    };
    check.equal(
      seen.machine.read('C:\\variables')?.split('\n'),
      Object.entries(variables).map(([name, value]) => `CLUSTER_NODE_${name}=${value}`),
      'variables of the machine',
    );
    check.that(seen.log('setup_user_customization').includes('info ö'), 'letters of the log are not in UTF-8');
    check.equal(seen.machine.has('C:\\ran'), false, 'whether it ran');
  },
});
