import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'virtual sessions share an NVIDIA GPU: sharing is switched on while X is down, in the first boot and in a later one',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  input: { node: () => ({ configuration: { '/system/dcv/ready_seconds': 30 } }) },
  verdict: 'ready',
  play: async (lab) => {
    lab.addGpu();
    await lab.machine.run();
    lab.notes.first = lab.machine.readLive('/run/boot-lab-x/admitted') ?? '';
    await lab.machine.powerOff();
    // An update of the driver takes it away.
    lab.machine.write('/var/lib/lab/gpu-sharing', 'lost\n');
    await lab.machine.run();
    lab.notes.second = lab.machine.readLive('/run/boot-lab-x/admitted') ?? '';
    await lab.until('the second session', () => (lab.machine.read('/var/lib/lab/dcv-sessions') ?? '').split('\n').length > 2);
  },
  expect: (seen, check) => {
    for (const boot of ['first', 'second']) check.matches(seen.notes[boot], /^LOCAL:$/m, `whom X admits in the ${boot} boot`);
    const calls = seen.commands.filter((command) => /^dcvgladmin/.test(command));
    check.equal(calls.slice(0, 2), ['dcvgladmin disable', 'dcvgladmin enable'], 'calls of dcvgladmin');
    check.equal(seen.dcvSessions, ['session-1', 'session-1'], 'DCV sessions that were created');
  },
});
