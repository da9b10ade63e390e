import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'everything but metadata is reachable through the proxy only: ready, and the proxy never sees a metadata call',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  input: { cluster: () => ({ proxy: { httpProxy: 'http://proxy.lab.test:3128' } }) },
  world: () => ({ onlyThroughProxy: true }),
  verdict: 'ready',
  expect: (seen, check, { kind }) => {
    const asked = seen.callsOf('proxy').map((call) => call.operation);
    check.that(asked.includes('CONNECT s3.eu-central-1.amazonaws.com:443'), 'S3 was not asked through the proxy');
    check.that(
      asked.some((operation) => operation.includes('http://packages.lab.test/')),
      'the packages did not come through the proxy',
    );
    if (kind === 'desktop')
      check.that(
        asked.some((operation) => operation.includes('cloudfront.net:443')),
        'the DCV archive did not come through the proxy',
      );
    check.equal(
      seen.lookedUp.filter((name) => /amazonaws|cloudfront|packages/.test(name)),
      [],
      'names that the node asked for itself',
    );
    check.equal(
      asked.filter((operation) => operation.includes('169.254')),
      [],
      'metadata calls that went to the proxy',
    );
    check.matches(seen.machine.read('/etc/environment'), /^https_proxy=http:\/\/proxy\.lab\.test:3128$/m, 'environment of users');
  },
});
