import { setTimeout as sleep } from 'node:timers/promises';
import { Scenario, scenario, Variant } from './scenario';

export interface WrongClockOptions {
  readonly direction: 'ahead' | 'behind';
  readonly runsOn: readonly Variant[];
  /** What EC2 says of a signature with such a time. */
  readonly tagsError: string;
}

/** The machine has the host's clock, so it is the clock of the services that is wrong, in the other direction. */
export function wrongClock({ direction, runsOn, tagsError }: WrongClockOptions): Scenario {
  const sign = direction === 'behind' ? 1 : -1;
  return scenario({
    summary: `the machine's clock is an hour ${direction}, then ten minutes, as long as it lasts: the calls follow the clock of AWS, to ready`,
    runsOn,
    world: () => ({ clockAheadSeconds: sign * 3600 }),
    verdict: 'ready',
    exempt: { 'no refused call': 'a clock that is wrong makes AWS refuse' },
    play: async (lab) => {
      lab.meanwhile(async () => {
        await lab.call('s3');
        await sleep(5000);
        // S3 allows for a quarter of an hour, everybody else for five minutes.
        await lab.services.change({ clockAheadSeconds: sign * 600 });
      });
      await lab.machine.run();
    },
    expect: (seen, check, { kind }) => {
      check.equal(seen.callsOf('s3')[0]?.error, 'RequestTimeTooSkewed', 'first answer of S3');
      check.equal(seen.callsOf('s3').at(-1)?.status, 200, 'last answer of S3');
      const errors = (service: 'ec2' | 'cloudformation' | 'secretsmanager' | 'autoscaling'): unknown =>
        seen.callsOf(service).map((call) => call.error ?? call.status);
      check.equal(errors('ec2'), [tagsError, 200], 'answers to the tags');
      check.equal(errors('cloudformation'), [200], 'answers to the signal, which has no time of its own');
      check.equal(errors('secretsmanager'), kind === 'login' ? ['InvalidSignatureException', 200] : [], 'answers to the secret');
      check.equal(errors('autoscaling'), kind === 'login' ? ['SignatureDoesNotMatch', 200] : [], 'answers to the launch hook');
    },
  });
}
