import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the power goes while the installer is at work, and a file of the bundle is nothing but NUL bytes after it: ready all the same',
  verdict: 'ready',
  withinSeconds: 240,
  play: async (lab) => {
    lab.machine.fault('msiexec', 'hang');
    await lab.cutAt('installer', async () => lab.untilCalled('msiexec.exe'));
    const script = 'C:\\ProgramData\\ClusterNode\\bootstrap\\extra\\virtual_desktop.ps1';
    lab.machine.write(script, Buffer.alloc(lab.machine.readBytes(script)?.length ?? 0));
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(
      seen.boots.map((boot) => boot.ended),
      ['power cut', 'settled'],
      'boots',
    );
    check.equal(seen.state, 'ready', 'state tag');
  },
});
