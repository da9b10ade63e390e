import { readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';
import { AWS_SERVICES } from '../../services/world';

export default scenario({
  summary: 'a boot after the verdict, and user data that cloud-init runs once more: nothing repeats',
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  verdict: 'ready',
  play: async ({ machine }) => {
    await machine.run();
    await machine.powerOff();
    await machine.run();
    await machine.powerOff();
    const instances = path.join(machine.root, 'var/lib/cloud/instances');
    for (const instance of readdirSync(instances)) rmSync(path.join(instances, instance, 'sem/config_scripts_user'));
    await machine.run();
  },
  expect: (seen, check, { kind }) => {
    const extra = kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    check.equal(seen.order, `setup@1 setup_post_reboot@1 ${extra}@1 setup_user_customization@1`, 'phases');
    const later = seen.calls.filter((call) => call.boot > 1 && ['packages', 'downloads', ...AWS_SERVICES].includes(call.service));
    check.equal(
      later.map((call) => `${call.service}:${call.operation}`),
      [],
      'calls after the first boot',
    );
    check.equal(new Set(seen.installed).size, seen.installed.length, 'packages that were installed more than once');
    check.that(
      seen.trace(seen.boots[2]).running((args) => args.some((arg) => arg.includes('/scripts/part-001'))).length > 0,
      'cloud-init did not run the user data again',
    );
    if (kind === 'desktop') {
      // A virtual session ends with the boot, so each boot makes it anew.
      check.equal(seen.dcvSessions.length, 3, 'DCV sessions that were created');
    }
  },
});
