import { plainOrder, WINDOWS_VERSIONS, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'an uneventful boot',
  runsOn: WINDOWS_VERSIONS,
  isSmoke: true,
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
    check.equal(seen.boots.length, 1, 'boots');
    check.equal(seen.callsTo('msiexec.exe').length, 1, 'installations');
  },
});
