import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the last program of a customization ends with 3, and the script goes on to its end: ready',
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
  },
});
