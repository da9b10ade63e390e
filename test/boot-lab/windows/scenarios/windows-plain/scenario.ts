import { PLAIN_ORDER, WINDOWS_VERSIONS, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'an uneventful boot',
  runsOn: WINDOWS_VERSIONS,
  isSmoke: true,
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(seen.order, PLAIN_ORDER, 'steps');
    check.equal(seen.boots.length, 1, 'boots');
  },
});
