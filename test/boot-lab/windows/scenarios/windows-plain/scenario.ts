import { plainOrder, WINDOWS_VERSIONS, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'an uneventful boot',
  runsOn: WINDOWS_VERSIONS,
  isSmoke: true,
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
    check.equal(seen.boots.length, 1, 'boots');
    const { total, ...steps } = seen.phaseSeconds;
    check.equal(Object.keys(steps), plainOrder().replaceAll('@1', '').split(' '), 'steps whose seconds are told');
    const sum = Object.values(steps).reduce((all, seconds) => all + seconds, 0);
    check.that(sum <= total, `expected a total of at least ${sum} s, got ${total} s`);
    check.equal(seen.callsTo('msiexec.exe').length, 1, 'installations');
    // EC2Launch goes on, and starts the SSM agent, while the phases run.
    const stageZero = seen.processes.find(({ commandLine }) => commandLine.includes('EC2Launch'));
    check.that((stageZero?.end ?? Infinity) < (seen.steps[0]?.process.end ?? 0), 'stage 0 waits for the runner');
  },
});
