import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a user has made the folder of the state before: refused, and nothing runs out of it',
  verdict: 'failed',
  exempt: {
    'state closed to users': 'it is not used',
    'one true verdict': 'there is no folder for a result',
    'ready only after every phase': 'what the user has written there says so',
    'verdict in time': 'nobody is told: the instance is not known yet, and nothing may be written there',
  },
  play: async ({ machine }) => {
    machine.write('C:\\ProgramData\\ClusterNode\\result', 'ready');
    const path = 'C:\\ProgramData\\ClusterNode';
    machine.write(
      `C:\\lab\\state\\acl\\${encodeURIComponent(path.toLowerCase())}.json`,
      JSON.stringify({ Path: path, Sddl: 'O:S-1-5-21-1-2-3-1001D:AI(A;OICIID;FA;;;WD)' }),
    );
    await machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.runners.length, 0, 'starts of the runner');
    check.equal(
      seen.signals.map((signal) => signal.status).filter((status) => status === 'SUCCESS'),
      [],
      'signals that all is well',
    );
  },
});
