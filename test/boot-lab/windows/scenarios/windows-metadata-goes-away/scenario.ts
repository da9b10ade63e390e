import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the metadata service stumbles in the middle of the bootstrap: tried again, to ready',
  verdict: 'ready',
  world: () => ({ faults: [{ on: 'imds:*', after: 12, times: 3, effect: { kind: 'error', status: 503, code: 'Service Unavailable' } }] }),
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
  },
});
