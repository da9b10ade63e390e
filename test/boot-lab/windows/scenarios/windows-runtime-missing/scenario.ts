import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the image lacks the runtime of Visual C++: installed before the DCV server, when its signature is right',
  verdict: 'ready',
  play: async ({ machine }) => {
    await machine.program('reg.exe', 'delete', 'HKLM\\SOFTWARE\\Microsoft\\VisualStudio\\14.0', '/f');
    await machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
    const installers = seen.standIns.filter((line) => /^(vc_redist|msiexec)/.test(line)).map((line) => line.split(' ')[0]);
    check.equal(
      installers.map((name) => name.replace(/^.*vc_redist/, 'vc_redist')),
      ['vc_redist.x64.exe', 'msiexec.exe'],
      'installers',
    );
  },
});
