import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'somebody without a certificate of a known authority answers for S3: failed, and nothing is sent there',
  verdict: 'failed',
  withinSeconds: 240,
  world: () => ({ strangers: ['s3'] }),
  expect: (seen, check) => {
    check.equal(seen.callsOf('s3'), [], 'calls');
    check.equal(seen.runners.length, 0, 'starts of the runner');
  },
});
