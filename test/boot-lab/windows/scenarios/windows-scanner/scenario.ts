import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a virus scanner opens the state files again and again, so that they cannot be replaced meanwhile: ready',
  verdict: 'ready',
  withinSeconds: 180,
  play: async (lab) => {
    lab.machine.write(
      'C:\\lab\\scan.ps1',
      `while (-not [IO.File]::Exists('C:\\ProgramData\\ClusterNode\\signalled')) {
  [Threading.Thread]::Sleep(20)
  # Those that are replaced and removed with each step.
  foreach ($Name in 'step-process', 'outcome', 'starts', 'running-seconds') {
    $File = "C:\\ProgramData\\ClusterNode\\$Name"
    if ([IO.File]::Exists($File)) {
      try {
        $Handle = [IO.File]::Open($File, 'Open', 'Read', 'ReadWrite')
        [Threading.Thread]::Sleep(150)
        $Handle.Dispose()
      } catch {
        Write-Output "$_"
      }
    }
  }
}`,
    );
    lab.meanwhile(async () => {
      await lab.untilRuns('runner');
      lab.machine.start('scanner', ['-NoProfile', '-File', 'C:\\lab\\scan.ps1']);
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
  },
});
