import { RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'a region of another partition, whose endpoints end otherwise',
  runsOn: [RPM_DESKTOP],
  region: 'cn-north-1',
  partition: 'aws-cn',
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(
      seen.calls
        .filter((call) => call.status === 200 && ['s3', 'ec2', 'cloudformation'].includes(call.service))
        .map((call) => call.service),
      ['s3', 'ec2', 'cloudformation'],
      'AWS calls that went well',
    );
  },
});
