import { connect } from '../../connecting';
import { DEB_DESKTOP, scenario, SECOND_INSTANCE, TWO_INSTANCES } from '../../scenario';

export default scenario({
  summary: 'an image of a desktop: the new instance hands out nothing of the old one, and makes a password and a certificate of its own',
  runsOn: [DEB_DESKTOP],
  verdict: 'ready',
  exempt: {
    ...TWO_INSTANCES,
    'one token a boot': 'each command asks for a token of its own',
  },
  play: async (lab) => {
    const { machine, services, notes } = lab;
    await machine.run();
    const first = await connect(lab);
    await machine.powerOff();
    await services.change({
      instance: { ...services.world.instance, id: SECOND_INSTANCE },
      // Stage 0 waits for its token, long enough for a question.
      faults: [{ on: 'imds:token', times: 1, effect: { kind: 'delay', seconds: 8 } }],
    });
    lab.meanwhile(async () => {
      await lab.until('stage 0', () => machine.readLive('/run/cluster-node/values') !== undefined);
      notes.early = (await connect(lab)).refusal;
    });
    await machine.run();
    const second = await connect(lab);
    notes.refusals = first.refusal + second.refusal;
    notes.other = `${second.password !== first.password} ${second.fingerprint !== first.fingerprint}`;
    notes.opens = `${await machine.opens('ada', second.password)} ${await machine.opens('ada', first.password)}`;
  },
  expect: ({ notes }, check) => {
    check.equal(notes.refusals, '', 'refusals of nodes that are ready');
    check.matches(
      notes.early,
      /: this node is not ready: its bootstrap has not begun, and what is on its disk belongs/,
      'before its bootstrap',
    );
    check.equal(notes.other, 'true true', 'the second instance has another password, and another certificate');
    check.equal(notes.opens, 'true false', 'the second password opens the account, the first does not');
  },
});
