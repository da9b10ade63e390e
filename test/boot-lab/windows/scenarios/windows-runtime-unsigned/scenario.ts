import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the runtime of Visual C++ has no valid signature: failed, and nothing of it runs',
  verdict: 'failed',
  withinSeconds: 180,
  // Its last line is the signature.
  world: () => ({ faults: [{ on: 'downloads:/vc_redist*', effect: { kind: 'shorten', share: 0.999 } }] }),
  play: async ({ machine }) => {
    await machine.program('reg.exe', 'delete', 'HKLM\\SOFTWARE\\Microsoft\\VisualStudio\\14.0', '/f');
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.reason, /signature/, 'reason tag');
    check.equal(
      seen.standIns.filter((line) => /vc_redist/.test(line)),
      [],
      'installations',
    );
  },
});
