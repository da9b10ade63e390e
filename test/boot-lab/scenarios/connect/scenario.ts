import { X509Certificate } from 'node:crypto';
import { RunCommandApi } from '../../../../lib/sessions/run-command';
import { PasswordRequest } from '../../../../lib/sessions/password-request';
import { connect, CONNECT_SCRIPT } from '../../connecting';
import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';
import { requestDesktop } from '../../session-stacks';

const OWN = 'the-0wner-Chose-this';

export default scenario({
  summary: 'the owner gets in: from the request to PAM, and each way that is refused',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  // Long enough for a question.
  world: () => ({ faults: [{ on: 'ec2:CreateTags', times: 1, effect: { kind: 'delay', seconds: 12 } }] }),
  verdict: 'ready',
  exempt: { 'one token a boot': 'each command asks for a token of its own', 'verdict in time': 'much is asked after it' },
  play: async (lab) => {
    const { machine, notes, services, ssm } = lab;
    const { sessions, sessionId } = await requestDesktop(lab, 'ada');
    notes.requested = await sessions.connect(sessionId).then(
      () => 'a password',
      (error: unknown) => (error as Error).message,
    );
    lab.meanwhile(async () => {
      await lab.until('the verdict', () => machine.readLive('/var/lib/cluster-node/verdict') !== undefined);
      notes.early = (await connect(lab)).refusal;
    });
    await machine.run();
    const { owner, password, url, certificateFingerprint } = await sessions.connect(sessionId);
    notes.connected = `${owner} ${url} ${certificateFingerprint} ${await machine.opens(owner, password)}`;
    const first = await connect(lab);
    notes.same = String(first.password === password);
    notes.opens = `${await machine.opens('ada', first.password)} ${await machine.opens('ada', `${first.password}x`)}`;
    const atOnce = await Promise.all([connect(lab), connect(lab)]);
    notes.atOnce = String(atOnce.every(({ password }) => password === first.password));

    const { publicKey } = await PasswordRequest.make();
    const hostile = ["'; touch /root/pwned; '", `${publicKey}\ntouch /root/pwned`, `${publicKey.slice(0, -8)}$(id)AAE=`];
    const commands = new RunCommandApi(ssm.region);
    const refusals = hostile.map(async (key) =>
      commands.send(services.world.instance.id, 'lab-desktop-connect', { PublicKey: [key] }).then(
        () => 'taken',
        (error: unknown) => (error as Error).name,
      ),
    );
    notes.hostile = (await Promise.all(refusals)).join(' ');
    notes.pattern = (await machine.service(`bash ${CONNECT_SCRIPT} connect '${publicKey.slice(0, -1)}'`)).stderr.trim();
    notes.asOwner = (await machine.service(`runuser -u ada -- bash -s connect ${publicKey} <${CONNECT_SCRIPT}`)).stderr.trim();
    notes.readable = String((await machine.service(`runuser -u ada -- cat ${CONNECT_SCRIPT} /var/lib/cluster-node/owner-password`)).status);
    notes.sshd = (await machine.service('sshd -T -C user=ada,host=h,addr=10.0.0.1')).stdout;

    await machine.service(`echo 'ada:${OWN}' | chpasswd`);
    notes.changed = (await connect(lab)).refusal;
    const reset = await connect(lab, 'reset');
    notes.reset = `${await machine.opens('ada', reset.password)} ${await machine.opens('ada', OWN)} ${await machine.opens('ada', first.password)}`;

    await machine.powerOff();
    await machine.run();
    const later = await connect(lab);
    notes.refusals = [first, ...atOnce, reset, later].map(({ refusal }) => refusal).join('');
    notes.later = String(later.password === reset.password && later.password !== first.password);
    notes.fingerprint = String(later.fingerprint === first.fingerprint);
    notes.history = String(ssm.history.some((entry) => entry.includes(first.password) || entry.includes(reset.password)));
  },
  expect: ({ notes, machine }, check) => {
    check.matches(notes.requested, /^the session [a-z0-9]{12} is not ready: /, 'a session that was requested');
    const { fingerprint256 } = new X509Certificate(machine.read('/etc/dcv/dcv.pem') ?? '');
    check.equal(notes.connected, `ada https://10.99.0.5:8443 ${fingerprint256} true`, 'who gets in, where, and with which certificate');
    check.equal(notes.same, 'true', 'the same password, asked for again');
    check.matches(notes.early, /: this node is not ready: its bootstrap has not ended$/, 'before the node is ready');
    check.equal(notes.refusals, '', 'refusals of a node that is ready');
    check.equal(notes.opens, 'true false', 'the password opens the account, another does not');
    check.equal(notes.atOnce, 'true', 'two commands at once get the same password');
    check.equal(notes.hostile, 'InvalidParameters InvalidParameters InvalidParameters', 'keys that are none, at SSM');
    check.matches(notes.pattern, /^expected the public key as base64 /, 'a key that is none, on the node');
    check.equal(notes.asOwner, 'connect.sh is for root', 'the script, run by the owner');
    check.equal(notes.readable, '1', 'files that the owner can read');
    check.matches(notes.sshd, /^passwordauthentication no$[^]*^kbdinteractiveauthentication no$/m, 'settings of sshd');
    check.matches(notes.changed, /: ada has changed the password, and nobody else knows it; /, 'a password that the owner has changed');
    check.equal(notes.reset, 'true false false', 'after the reset the new one opens the account, none before it');
    check.equal(notes.later, 'true', 'the same password after a restart');
    check.equal(notes.fingerprint, 'true', 'the same certificate after a restart');
    check.equal(notes.history, 'false', 'a password in what SSM keeps');
    check.that(!machine.has('/root/pwned'), 'a key ran as a command');
  },
});
