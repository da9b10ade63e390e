import { createHash } from 'node:crypto';
import { AwsCli } from '../../../../../lib';
import { AWS_CLI_PACKAGE, AWS_CLI_TEXT, AWS_CLI_VERSION, DCV_HOST } from '../../image/downloads';
import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a node with an AWS CLI of its own: installed in the version that was asked for',
  verdict: 'ready',
  alsoInstalls: ['setup'],
  input: {
    node: () => ({
      awsCli: AwsCli.fromFile({
        version: AWS_CLI_VERSION,
        url: `https://${DCV_HOST}${AWS_CLI_PACKAGE}`,
        sha256: createHash('sha256').update(AWS_CLI_TEXT).digest('hex'),
      }),
    }),
  },
  expect: (seen, check) => {
    check.equal(seen.order, `setup.install@1 ${plainOrder()}`, 'steps');
    check.equal(seen.callsTo('msiexec.exe').length, 2, 'installations');
  },
});
