import { createHash } from 'node:crypto';
import { BYTES } from './values';
import { deployTime } from '../../app/node-under-test';
import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

/** What a template prints, and the text that must arrive. */
const WANTED: Readonly<Record<string, string>> = {
  deploy: BYTES,
  quoted: BYTES,
  name: BYTES.slice(0, 200),
  project: '-n \'x\' "y" `z` $(touch /pwned)',
};

export default scenario({
  summary: 'deploy-time values, session name and project full of shell: they arrive to the byte and nothing of them runs',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  smoke: [RPM_DESKTOP],
  input: {
    node: (stack) => ({ configuration: { '/custom/Greeting': deployTime(stack, 'Greeting') } }),
    parameters: { Greeting: BYTES },
  },
  world: (world) => ({
    instance: {
      ...world.instance,
      tags: { ...world.instance.tags, 'cluster-node:SessionName': WANTED.name, 'cluster-node:Project': WANTED.project },
    },
  }),
  verdict: 'ready',
  expect: (seen, check) => {
    for (const [file, text] of Object.entries(WANTED)) {
      const got = seen.machine.readBytes(`/root/values/${file}`);
      check.equal(got?.toString('hex'), Buffer.from(text).toString('hex'), `bytes of ${file}`);
    }
    check.that(seen.machine.read('/pwned') === undefined, 'a value was executed');
    const created = seen.commands.find((command) => command.startsWith('dcv create-session')) ?? '';
    check.that(created.includes('--name'), 'the session has no name');
    check.equal(
      createHash('sha256')
        .update(seen.machine.readBytes('/root/values/argument') ?? '')
        .digest('hex'),
      createHash('sha256').update(BYTES).digest('hex'),
      'value as the argument of a program',
    );
  },
});
