import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { CERTIFICATE_SECRET, certificateOf } from '../../certificates';
import { DEB_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the secret has the key of another certificate: failed with that as the reason, and the DCV server does not start with it',
  runsOn: [DEB_DESKTOP],
  input: {
    node: (stack) => ({
      dcv: { certificateSecret: secretsmanager.Secret.fromSecretCompleteArn(stack, 'Certificate', CERTIFICATE_SECRET) },
    }),
  },
  world: (world) => ({
    secrets: {
      ...world.secrets,
      [CERTIFICATE_SECRET]: JSON.stringify({ ...certificateOf('desktop.example.com'), PrivateKey: certificateOf('another').PrivateKey }),
    },
  }),
  verdict: 'failed',
  expect: (seen, check) => {
    check.matches(seen.reason, /certificate of DCV: the private key in its secret is not that of the certificate/, 'reason tag');
    check.that(seen.machine.read('/etc/dcv/dcv.key') === undefined, 'the key was written');
    check.equal(seen.dcvSessions, [], 'DCV sessions');
  },
});
