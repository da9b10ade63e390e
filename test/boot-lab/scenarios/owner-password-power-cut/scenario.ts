import { DEB_DESKTOP, scenario } from '../../scenario';

const FILE = '/var/lib/cluster-node/owner-password';

export default scenario({
  summary: "the power goes when the owner's password has been kept and not set: the account gets that one, not another",
  runsOn: [DEB_DESKTOP],
  disk: { kind: 'journalled' },
  verdict: 'ready',
  withinSeconds: 120,
  play: async (lab) => {
    // In the overlay chpasswd sets nothing, and waits for the cut.
    await lab.cutAt('password kept', { file: '/var/lib/chpasswd-begins' });
    lab.notes.kept = lab.machine.read(FILE) ?? '';
    lab.machine.write('/usr/local/sbin/chpasswd', '#!/bin/bash\nexec /usr/sbin/chpasswd "$@"\n');
    await lab.machine.run();
    const [, password = ''] = (lab.machine.read(FILE) ?? '').split('\n');
    lab.notes.opens = String(await lab.machine.opens('ada', password));
  },
  expect: (seen, check) => {
    const [owner, password, hash] = seen.lines(FILE);
    check.matches(seen.notes.kept, /^ada\n\S{29}\n$/, 'what is on the disk before the account gets it');
    check.equal(`${owner}\n${password}\n`, seen.notes.kept, 'owner and password');
    check.that(
      seen.lines('/etc/shadow').some((line) => line.startsWith(`ada:${hash}:`)),
      'the account has another hash than is kept',
    );
    check.equal(seen.notes.opens, 'true', 'the password opens the account');
  },
});
