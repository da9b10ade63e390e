import { Duration } from 'aws-cdk-lib';
import { MountFailureAction, SharedFileSystem } from '../../../../lib';
import { INJECTED_VALUES } from '../../../injected-values';
import { deployTime } from '../../app/node-under-test';
import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

const VALUES = Object.values(INJECTED_VALUES);
// CloudFormation itself takes what a dynamic reference stands for; the constructs refuse it at synth.
const KNOWN = VALUES.map((value) => (value.startsWith('{{resolve:') ? '' : value));
const OPTIONS = 'ro,x-note=$(touch${IFS}/pwned);`touch${IFS}/pwned`';
const EXPORT = `/${INJECTED_VALUES['table of file systems']}`;
// As long as a tag may be.
const NAME = [INJECTED_VALUES.ini, INJECTED_VALUES['unit of systemd'], INJECTED_VALUES['line of sudoers']].join('');

export default scenario({
  summary:
    'values in the shape of published holes, by every way into a node: each arrives to the byte, in settings as well, and nothing of them runs',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  input: {
    cluster: (stack) => ({
      fileSystems: [
        SharedFileSystem.nfs({
          server: 'nfs.lab.test',
          mountPath: '/injected',
          exportPath: deployTime(stack, 'Export'),
          mountOptions: OPTIONS,
          timeout: Duration.seconds(1),
          onFailure: MountFailureAction.IGNORE,
        }),
      ],
    }),
    node: (stack) => ({
      configuration: {
        '/custom/Count': VALUES.length,
        ...Object.fromEntries(KNOWN.map((value, index) => [`/custom/Known/${index}`, value])),
        ...Object.fromEntries(VALUES.map((_, index) => [`/custom/Later/${index}`, deployTime(stack, `Later${index}`)])),
      },
    }),
    parameters: { Export: EXPORT, ...Object.fromEntries(VALUES.map((value, index) => [`Later${index}`, value])) },
  },
  world: (world) => ({
    fileSystemsAvailable: false,
    instance: {
      ...world.instance,
      tags: { ...world.instance.tags, 'cluster-node:SessionName': NAME, 'cluster-node:Project': VALUES.join('').slice(0, 256) },
    },
  }),
  verdict: 'ready',
  exempt: { 'clean boot': 'the mount unit of the file system that is away has failed' },
  expect: (seen, check, { kind }) => {
    const hex = (text: string | undefined) => text && Buffer.from(text).toString('hex');
    VALUES.forEach((value, index) => {
      const wanted = { known: KNOWN[index], later: value, text: `${value}\n` };
      for (const [place, text] of Object.entries(wanted))
        check.equal(hex(seen.machine.read(`/root/values/${place}-${index}`)), hex(text), `${place}: ${JSON.stringify(value)}`);
    });
    check.that(seen.machine.read('/pwned') === undefined, 'a value was executed');
    const table = (seen.machine.read('/etc/fstab') ?? '')
      .split('\n')
      .filter((line) => /^[^#\s]/.test(line) && /injected|shm|none/.test(line));
    check.equal(table.length, 1, `lines of the table of file systems: ${table.join(' | ')}`);
    const unescaped = table[0]
      .split(' ')
      .map((field) => field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))));
    check.equal(unescaped.slice(0, 3), [`nfs.lab.test:${EXPORT}`, '/injected', 'nfs'], 'line of the file system');
    check.that(unescaped[3]?.startsWith(`${OPTIONS},`) === true, `options: ${unescaped[3]}`);
    check.that(seen.live?.mounts.some((line) => /^\/etc( |\/)/.test(line)) === false, 'something is mounted below /etc');
    if (kind === 'desktop') {
      const sections = (seen.machine.read('/etc/dcv/dcv.conf') ?? '').match(/^\[.*\]$/gm);
      check.equal(
        sections,
        [
          '[session-management]',
          '[session-management/defaults]',
          '[session-management/automatic-console-session]',
          '[display]',
          '[connectivity]',
          '[security]',
        ],
        'sections of dcv.conf',
      );
      const created = seen.commands.find((command) => command.startsWith('dcv create-session')) ?? '';
      check.that(created.includes('[security]'), 'the session has not the name that was asked for');
    }
  },
});
