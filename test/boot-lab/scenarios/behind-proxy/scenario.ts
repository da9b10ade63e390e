import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'everything but metadata is reachable through the proxy only: ready, and the proxy never sees a metadata call',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  input: { cluster: () => ({ proxy: { httpProxy: 'http://proxy.lab.test:3128' } }) },
  world: () => ({ onlyThroughProxy: true }),
  verdict: 'ready',
  play: async ({ machine, notes }) => {
    await machine.run();
    // As a timer does, which has no environment of a login.
    const install = machine.has('/usr/bin/apt-get') ? 'apt-get --yes install nano' : 'dnf --assumeyes install nano';
    const { status, stderr } = await machine.service(`exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin ${install}`);
    notes.laterInstall = `${status} ${status === 0 ? '' : stderr}`.trim();
  },
  expect: (seen, check, { kind }) => {
    check.equal(seen.notes.laterInstall, '0', 'an installation without an environment');
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
    if (kind === 'desktop')
      check.matches(
        seen.machine.read('/etc/systemd/system/dcvserver.service.d/cluster-node-proxy.conf') ?? '',
        /^Environment="https_proxy=http:\/\/proxy\.lab\.test:3128"$/m,
        'environment of the DCV server',
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
