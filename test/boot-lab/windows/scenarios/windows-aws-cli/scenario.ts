import { AwsCli } from '../../../../../lib';
import { AWS_CLI_PACKAGE, AWS_CLI_VERSION, fileOf } from '../../image/downloads';
import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a node with an AWS CLI of its own: installed in the version that was asked for',
  verdict: 'ready',
  alsoInstalls: ['setup'],
  input: {
    node: (_, downloads) => ({ awsCli: AwsCli.fromFile({ version: AWS_CLI_VERSION, ...fileOf(downloads, AWS_CLI_PACKAGE) }) }),
  },
  expect: (seen, check) => {
    check.equal(seen.order, `setup.install@1 ${plainOrder()}`, 'steps');
    check.equal(seen.callsTo('msiexec.exe').length, 2, 'installations');
  },
});
