import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the DCV package breaks off twice on its way: fetched again, to ready',
  verdict: 'ready',
  world: () => ({ faults: [{ on: 'downloads:*', times: 2, effect: { kind: 'truncate', share: 0.5 } }] }),
  expect: (seen, check) => {
    check.equal(seen.callsOf('downloads').length, 3, 'downloads');
  },
});
