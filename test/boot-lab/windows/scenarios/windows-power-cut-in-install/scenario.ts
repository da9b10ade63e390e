import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary:
    'the power goes while the installer is at work, and what was not flushed of the bundle is nothing but NUL bytes after it: ready all the same',
  verdict: 'ready',
  withinSeconds: 240,
  play: async (lab) => {
    lab.machine.fault('msiexec', 'hang');
    await lab.cutAt('installer', async () => lab.untilCalled('msiexec.exe'));
    // The files that the runner starts are flushed before they take their names.
    for (const file of ['unpacked\\extra\\virtual_desktop.ps1', 'bundle.tar']) {
      const name = `C:\\ProgramData\\ClusterNode\\${file}`;
      lab.machine.write(name, Buffer.alloc(lab.machine.readBytes(name)?.length ?? 0));
    }
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
