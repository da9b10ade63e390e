import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a customization ends itself with exit 0: a good end',
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
  },
});
