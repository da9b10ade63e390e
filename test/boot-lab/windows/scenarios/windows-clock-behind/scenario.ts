import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: "the machine's clock is an hour behind: the calls follow the clock of AWS, to ready",
  verdict: 'ready',
  withinSeconds: 180,
  world: () => ({ clockAheadSeconds: 3600 }),
  exempt: { 'no refused call': 'a clock that is wrong makes AWS refuse' },
  expect: (seen, check) => {
    check.equal(
      seen.callsOf('s3').map((call) => call.error ?? call.status),
      ['RequestTimeTooSkewed', 200],
      'answers of S3',
    );
    check.equal(seen.callsOf('ec2').at(-1)?.status, 200, 'last answer to the tags');
  },
});
