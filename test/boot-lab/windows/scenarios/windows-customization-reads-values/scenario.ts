import { windowsScenario, withTags } from '../../scenario';

const HOSTILE = `ö "$(New-Item C:\\ran)" '; New-Item C:\\ran #\`; & < > | % ^ {0}`;

export default windowsScenario({
  summary: 'signs of every kind in tags reach a customization as they are, and none of them runs',
  verdict: 'ready',
  world: (world) => withTags(world, { 'cluster-node:SessionName': HOSTILE }),
  expect: (seen, check) => {
    check.equal(seen.machine.read('C:\\seen'), HOSTILE, 'what the script saw');
    check.equal(seen.machine.has('C:\\ran'), false, 'whether it ran');
  },
});
