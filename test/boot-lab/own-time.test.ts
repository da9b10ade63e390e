import { checkOwnTime, checkRequests } from './boot-gate';
import { Check } from './check';
import { ProcessTrace } from './machine/process-trace';
import type { Observation } from './observation';
import { type OwnTime, ownTime } from './own-time';
import type { SeenCalls } from './seen-calls';

/** A program with its start and end. */
type Ran = readonly [string, number, number];

/** A shell, process 20, and what it runs. */
function seenWith(...programs: readonly Ran[]): Observation {
  const lines = programs.flatMap(([words, start, end], index) => {
    const list = words.split(' ').map((word) => `"${word}"`);
    return [
      [start, `20 ${start.toFixed(4)} clone(flags=SIGCHLD) = ${index + 3}`],
      [start + 0.0005, `${index + 21} ${(start + 0.0005).toFixed(4)} execve(${list[0]}, [${list.join(', ')}], []) = 0`],
      [end, `${index + 21} ${end.toFixed(4)} +++ exited with 0 +++`],
    ] as const;
  });
  const text = [
    '8 9.0 clone(flags=CLONE_NEWPID|SIGCHLD) = 10',
    '10 9.5 clone(flags=SIGCHLD) = 2',
    '20 10.0 execve("/bin/bash", ["bash", "/var/lib/cloud/instance/scripts/part-001"], []) = 0',
    ...lines.sort(([one], [other]) => one - other).map(([, line]) => line),
  ].join('\n');
  const calls = [{ boot: 1, operation: 'SignalResource', time: 30_000 }];
  return { boots: [{}], trace: () => new ProcessTrace(text), calls } as unknown as Observation;
}

const ASKS = '/usr/local/sbin/cluster-node-display-access';

describe('our own time of a boot', () => {
  test('runs from stage 0 to the verdict, without the sleeps between two looks at the session', () => {
    const seen = seenWith([ASKS, 11, 11.003], ['sleep 1', 12, 13], [ASKS, 13.1, 13.103], ['sleep 1', 13.2, 14.2], [ASKS, 14.3, 14.303]);
    expect(ownTime(seen, 1)).toMatchObject({ sleeps: [], processes: 6 });
    const { waited, seconds } = ownTime(seen, 1);
    expect(waited).toBeCloseTo(2.2, 2);
    expect(seconds).toBeCloseTo(30 - 9.5 - 2.2, 1);
  });

  test.each<{ readonly when: string; readonly programs: readonly Ran[] }>([
    {
      when: 'before it is looked at',
      programs: [
        ['sleep 5', 11, 16],
        [ASKS, 17, 17.1],
      ],
    },
    {
      when: 'after it was looked at',
      programs: [
        [ASKS, 11, 11.1],
        ['sleep 5', 12, 17],
      ],
    },
  ])('a sleep $when is no named wait', ({ programs }) => {
    expect(ownTime(seenWith(...programs), 1)).toMatchObject({ waited: 0, sleeps: ['sleep 5: 5.0 s'] });
  });

  test('slowness is that of what programs take, without sleeps and what hangs', () => {
    const quick = Array.from({ length: 19 }, (_, index): Ran => ['/bin/true', 11 + index / 10, 11.006 + index / 10]);
    expect(ownTime(seenWith(...quick, ['/bin/hangs', 14, 19], ['sleep 5', 20, 25]), 1).slowness).toBeCloseTo(2, 1);
  });

  test('a second sleep in the same round is none, and neither is the first then', () => {
    const seen = seenWith([ASKS, 11, 11.1], ['sleep 1', 12, 13], ['sleep 5', 14, 19], [ASKS, 20, 20.1]);
    expect(ownTime(seen, 1).sleeps).toHaveLength(2);
  });

  test('package managers and what they start are not ours', () => {
    expect(ownTime(seenWith(['/usr/bin/apt-get update', 11, 12], ['/bin/true', 13, 14]), 1).processes).toBe(2);
  });
});

describe('the gate', () => {
  const unbaked: OwnTime = { seconds: 20, waited: 2, sleeps: [], processes: 1200, slowness: 3 };
  const baked: OwnTime = { seconds: 12, waited: 2, sleeps: [], processes: 1000, slowness: 3 };
  const failuresOf = (change: Partial<OwnTime>, of = unbaked): readonly string[] => {
    const check = new Check();
    checkOwnTime(check, of, { ...baked, ...change }, { seconds: 5, processes: 1100, ratio: 0.9 });
    return check.failures;
  };

  test.each<[string, Partial<OwnTime>, RegExp]>([
    ['longer than the limit', { seconds: 15.2 }, /^own time of a baked boot: expected at most 5 s/],
    ['longer on a machine that is faster than what the limit is meant for', { seconds: 5.1, slowness: 0.5 }, /^own time of a baked boot: /],
    ['hardly less than an unbaked boot', { seconds: 14.9, slowness: 2.4 }, /by that of an unbaked one: expected at most 0.9/],
    ['more processes', { processes: 1101 }, /^processes of a baked boot: .* 1100 that may be/],
    ['a sleep', { sleeps: ['sleep 5: 5.0 s'] }, /^sleeps of a baked boot/],
  ])('%s', (_, change, failure) => {
    expect(failuresOf(change).some((line) => failure.test(line))).toBe(true);
  });

  test('takes what is well, and a slow machine for none', () => {
    expect(failuresOf({})).toEqual([]);
    expect(failuresOf({ seconds: 40, slowness: 10 })).toEqual([]);
  });

  test('more processes than an unbaked boot', () => {
    expect(failuresOf({}, { ...unbaked, processes: 999 })).toHaveLength(1);
  });

  test('requests: a package, a download, another object and a call more than before', () => {
    const call = (boot: number, service: string, operation: string): object => ({ boot, service, operation, caller: 'bootstrap' });
    const check = new Check();
    const before = [call(1, 's3', 'GetObject'), call(1, 'imds', 'token'), call(1, 'packages', 'GET'), call(1, 'ec2', 'CreateTags')];
    const well = [call(3, 's3', 'GetObject'), call(3, 'imds', 'token'), call(3, 'ec2', 'CreateTags')];
    checkRequests({ calls: [...before, ...well] } as unknown as SeenCalls, check, 1, 3);
    expect(check.failures).toEqual([]);
    const more = [call(3, 's3', 'GetObject'), call(3, 'imds', 'tags'), call(3, 'packages', 'GET')];
    checkRequests({ calls: [...before, ...well, ...more] } as unknown as SeenCalls, check, 1, 3);
    expect(check.failures).toHaveLength(4);
  });
});
