import { readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { DEB_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'the power goes while commands run that were added to the user data: they do not run again, not even with the user data',
  runsOn: [DEB_LOGIN],
  input: { commands: ['touch /var/lib/added', 'sleep 600'] },
  disk: { kind: 'journalled' },
  verdict: 'ready',
  play: async (lab) => {
    await lab.cutAt('the commands', { file: '/var/lib/added' });
    const instances = path.join(lab.machine.root, 'var/lib/cloud/instances');
    for (const instance of readdirSync(instances)) rmSync(path.join(instances, instance, 'sem/config_scripts_user'), { force: true });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.cuts, ['the commands'], 'power cuts');
    const starts = seen.boots.map(
      (boot) =>
        seen.trace(boot).running(([program, file]) => program === '/bin/bash' && file === '/var/lib/cluster-node/added-commands').length,
    );
    check.equal(starts, [1, 0], 'starts of the commands by boot');
    check.that(
      seen.trace(seen.boots[1]).running((args) => args.some((arg) => arg.includes('/scripts/part-001'))).length > 0,
      'cloud-init did not run the user data again',
    );
  },
});
