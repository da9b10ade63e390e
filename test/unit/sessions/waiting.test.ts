import { nextDelay, SYSTEM_CLOCK } from '../../../lib/aws/clock';

test('the pause grows from look to look up to half a minute', () => {
  expect([1, 2, 3, 4, 5, 6, 50].map((looks) => nextDelay(looks, 0, 0.5))).toEqual([5000, 7500, 11250, 16875, 25313, 30000, 30000]);
});

test('it is spread by a fifth either way', () => {
  expect([nextDelay(50, 0, 0), nextDelay(50, 0, 1)]).toEqual([24000, 36000]);
});

test('failing looks make it longer, up to two minutes', () => {
  expect([1, 2, 3, 4, 1000].map((failures) => nextDelay(1, failures, 0.5))).toEqual([10000, 20000, 40000, 80000, 120000]);
});

test('the clock of the system sleeps', async () => {
  const before = SYSTEM_CLOCK.now();
  await SYSTEM_CLOCK.sleep(20);
  expect(SYSTEM_CLOCK.now() - before).toBeGreaterThanOrEqual(15);
  expect(SYSTEM_CLOCK.random()).toBeLessThan(1);
});
