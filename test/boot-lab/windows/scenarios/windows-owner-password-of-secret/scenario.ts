import { createHash } from 'node:crypto';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { LoginMethod } from '../../../../../lib';
import { windowsScenario } from '../../scenario';

const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:lab/ada-AbCdEf';
const PASSWORD = 'Pä$$word "with" \'signs\' `$(calc)` & more';

export default windowsScenario({
  summary: 'the password of the owner is the text of a secret, signs and all; it is throttled once, and written nowhere',
  verdict: 'ready',
  input: {
    node: (stack) => ({
      sessionOwner: 'ada',
      loginWith: LoginMethod.secret(secretsmanager.Secret.fromSecretCompleteArn(stack, 'Password', SECRET)),
    }),
  },
  world: () => ({
    secrets: { [SECRET]: PASSWORD },
    faults: [{ on: 'secretsmanager:GetSecretValue', times: 1, effect: { kind: 'throttle' } }],
  }),
  expect: (seen, check) => {
    const hash = createHash('sha256').update(PASSWORD).digest('hex').toUpperCase();
    check.equal(seen.users.find((user) => user.Name === 'ada')?.PasswordHash, hash, 'hash of the password');
  },
});
