import { DEB_DESKTOP, scenario } from '../../scenario';

const FILE = '/var/lib/cluster-node/owner-password';

export default scenario({
  summary: "the power goes when the owner's password has been kept and not set: the account gets that one, not another",
  runsOn: [DEB_DESKTOP],
  disk: { kind: 'journalled' },
  verdict: 'ready',
  withinSeconds: 120,
  play: async (lab) => {
    await lab.cutAt('password kept', { file: FILE });
    lab.notes.kept = lab.machine.read(FILE) ?? '';
    await lab.machine.run();
    const [, password = ''] = (lab.machine.read(FILE) ?? '').split('\n');
    lab.notes.opens = String(await lab.machine.opens('ada', password));
  },
  expect: (seen, check) => {
    const [owner, password, hash] = seen.lines(FILE);
    // The cut may have come before the file was on the disk: then nothing was set either.
    const [, kept] = seen.notes.kept.split('\n');
    check.equal([owner, password], ['ada', kept ?? password], 'owner and password');
    check.that(
      seen.lines('/etc/shadow').some((line) => line.startsWith(`ada:${hash}:`)),
      'the account has another hash than is kept',
    );
    check.equal(seen.notes.opens, 'true', 'the password opens the account');
  },
});
