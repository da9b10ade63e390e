import { NodeOs } from '../../../lib/nodes/node-os';
import { describeOnMachine, failureOf, Machine, Outcome } from './machine';
import { Node, runPhase } from './phase-scripts';

const PROXY = {
  '/configuration/HttpProxy': 'http://proxy:1',
  '/configuration/HttpsProxy': 'http://proxy:2',
  '/configuration/NoProxy': '.corp',
};
/** Installs have it as variables. */
function behindProxy(machine: Machine): Machine {
  return machine
    .value('VALUE_CONFIGURATION_HTTP_PROXY', 'http://proxy:1')
    .value('VALUE_CONFIGURATION_HTTPS_PROXY', 'http://proxy:2')
    .value('VALUE_CONFIGURATION_NO_PROXY', '.corp');
}
function withoutProxy(machine: Machine): Machine {
  return machine
    .value('VALUE_CONFIGURATION_HTTP_PROXY', '')
    .value('VALUE_CONFIGURATION_HTTPS_PROXY', '')
    .value('VALUE_CONFIGURATION_NO_PROXY', '');
}
const run = (machine: Machine, node: Node): Promise<Outcome> => runPhase(machine, 'setup', { nodeType: 'login_node', ...node });

afterAll(() => Machine.removeAll());

describeOnMachine('the proxy of programs without a login', () => {
  test.each([
    ['dnf', NodeOs.ROCKY_9, '/etc/dnf/dnf.conf'],
    ['yum', NodeOs.AMAZON_LINUX_2, '/etc/yum.conf'],
  ])('%s has it at the end of its section, once, until a node has none', async (_, os, file) => {
    const own = '[main]\ngpgcheck=1\nproxy=http://of-the-image:1\n\n[other]\nname=x\n';
    const machine = behindProxy(new Machine()).write(file, own);
    expect(failureOf(await run(machine, { os, context: PROXY }))).toBe('');
    const lines = machine.read(file).split('\n');
    // The last value of a section counts.
    const main = lines.slice(0, lines.indexOf('[other]'));
    expect(main.filter((line) => line.startsWith('proxy=')).at(-1)).toBe('proxy=http://proxy:2');
    const first = machine.read(file);
    expect(failureOf(await run(machine, { os, context: PROXY }))).toBe('');
    expect(machine.read(file)).toBe(first);
    expect(failureOf(await run(withoutProxy(machine), { os }))).toBe('');
    expect(machine.read(file)).toBe(own);
  });

  test('dnf has it where the image has no configuration, and no file without a proxy', async () => {
    const machine = behindProxy(new Machine().remove('/etc/dnf').write('/etc/dnf/vars', '').remove('/etc/dnf/vars'));
    expect(failureOf(await run(machine, { os: NodeOs.ROCKY_9, context: PROXY }))).toBe('');
    expect(machine.read('/etc/dnf/dnf.conf')).toMatch(/^\[main\]\n(#.*\n)?proxy=http:\/\/proxy:2\n/);
  });

  test('snapd is told, once, and again when there is none', async () => {
    const machine = behindProxy(new Machine()).write(
      '/usr/local/sbin/snap',
      '#!/bin/bash\necho "$*" >>/var/lib/machine/snap-calls\n',
      0o755,
    );
    const node = { os: NodeOs.UBUNTU_24_04, context: PROXY };
    expect(failureOf(await run(machine, node))).toBe('');
    expect(machine.read('/var/lib/machine/snap-calls')).toBe('set system proxy.http=http://proxy:1 proxy.https=http://proxy:2\n');
    expect(failureOf(await run(withoutProxy(machine), { os: NodeOs.UBUNTU_24_04 }))).toBe('');
    expect(machine.read('/var/lib/machine/snap-calls').split('\n').slice(1)).toEqual(['set system proxy.http= proxy.https=', '']);
    expect(failureOf(await run(machine, { os: NodeOs.UBUNTU_24_04 }))).toBe('');
    expect(machine.read('/var/lib/machine/snap-calls').split('\n')).toHaveLength(3);
  });

  test('a snapd that does not answer is a warning', async () => {
    const machine = behindProxy(new Machine()).write('/usr/local/sbin/snap', '#!/bin/bash\nexit 1\n', 0o755);
    const outcome = await run(machine, { os: NodeOs.UBUNTU_24_04, context: PROXY });
    expect(failureOf(outcome)).toBe('');
    expect(outcome.log).toContain('WARNING snapd did not take the proxy');
  });
});
