import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a time zone by its IANA name: set by the name of Windows',
  verdict: 'ready',
  input: { cluster: () => ({ timezone: 'Europe/Berlin' }) },
  expect: (seen, check) => {
    check.equal(seen.callsTo('Set-TimeZone'), ['Set-TimeZone W. Europe Standard Time'], 'time zone');
  },
});
