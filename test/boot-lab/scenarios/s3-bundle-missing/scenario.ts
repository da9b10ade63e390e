import { DEB_DESKTOP, NOT_YET_GUARDED, scenario } from '../../scenario';

export default scenario({
  summary: 'the bundle is not in S3, which S3 does not tell to a role that may not list: bounded retries, then failed with bucket and key',
  runsOn: [DEB_DESKTOP],
  world: (world) => ({ objects: world.objects.map((object) => ({ ...object, key: `${object.key}.elsewhere` })) }),
  verdict: 'failed',
  withinSeconds: 200,
  waits: true,
  exempt: { 'nobody but root reaches the role': NOT_YET_GUARDED, 'no refused call': 'that is the fault' },
  expect: (seen, check) => {
    check.equal(seen.order, '', 'phases');
    check.matches(seen.reason, /s3:\/\/cdk-hnb659fds-assets-111122223333-eu-central-1\/.*403/, 'reason tag');
    check.that(seen.callsOf('s3').length <= 20, 'S3 was asked again and again');
  },
});
