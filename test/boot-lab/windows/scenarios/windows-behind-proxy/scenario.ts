import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'everything but metadata is reachable through the proxy alone: ready, and the proxy never sees a metadata call',
  verdict: 'ready',
  input: { cluster: () => ({ proxy: { httpProxy: 'http://proxy.lab.test:3128' } }) },
  world: () => ({ onlyThroughProxy: true }),
  expect: (seen, check) => {
    const asked = seen.callsOf('proxy').map((call) => call.operation);
    check.that(asked.includes('CONNECT s3.eu-central-1.amazonaws.com:443'), 'S3 was not asked through the proxy');
    check.that(
      asked.some((operation) => operation.includes('cloudfront.net:443')),
      'the DCV package did not come through the proxy',
    );
    check.equal(
      asked.filter((operation) => operation.includes('169.254')),
      [],
      'metadata calls that went to the proxy',
    );
    // Services see variables of the machine after a restart only.
    check.equal(
      seen.boots.map((boot) => boot.ended),
      ['reboot', 'settled'],
      'boots',
    );
    check.matches(seen.callsTo('netsh.exe').join(' '), /winhttp set proxy .*proxy\.lab\.test:3128/, 'proxy of services');
  },
});
