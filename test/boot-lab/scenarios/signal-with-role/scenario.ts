import { SignalAuthentication } from '../../../../lib';
import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'the signal is signed with the credentials of the role: taken, and the identity document is not asked for',
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  input: { node: () => ({ signalWith: SignalAuthentication.ROLE }) },
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(
      seen.signals.map(({ status }) => status),
      ['SUCCESS'],
      'signals',
    );
    check.equal(
      seen.callsOf('imds').filter(({ operation }) => operation.endsWith('/instance-identity/signature')).length,
      0,
      'questions for the signature of the identity document',
    );
  },
});
