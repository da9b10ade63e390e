import type { Clock } from '../../../lib/aws/clock';

/** A clock on which sleeping takes no time. */
export class FakeClock implements Clock {
  public readonly sleeps: number[] = [];
  private time = Date.UTC(2026, 0, 31, 9, 30, 0);

  public now(): number {
    return this.time;
  }

  public sleep(milliseconds: number): Promise<void> {
    if (this.sleeps.length > 10_000) throw new Error('this wait would not end');
    this.sleeps.push(milliseconds);
    this.time += milliseconds;
    return Promise.resolve();
  }

  public random(): number {
    return 0.5;
  }
}
