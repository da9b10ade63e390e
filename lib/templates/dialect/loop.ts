import { unsupportedFault } from '../fault';
import { iterate } from './operators';

/** The attributes of `loop`, as JavaScript of the loop's variable. */
export const LOOP_ATTRIBUTES: Readonly<Record<string, (loop: string) => string>> = {
  index: (loop) => `(${loop}.index0 + 1)`,
  index0: (loop) => `${loop}.index0`,
  first: (loop) => `(${loop}.index0 === 0)`,
  last: (loop) => `${loop}.last`,
  length: (loop) => `${loop}.length`,
};

/** A loop under way. Its condition is asked when the loop comes to an item, for the body may change what it asks. */
export class Loop {
  public item: unknown;
  public index0 = -1;
  private readonly all: readonly unknown[];
  private readonly size: number;
  private readonly ahead: unknown[] = [];
  private position = 0;

  public constructor(
    private readonly source: unknown,
    private readonly isChosen: ((item: unknown) => boolean) | null,
  ) {
    this.all = iterate(source);
    this.size = this.all.length;
  }

  public advance(): boolean {
    if (Array.isArray(this.source) && this.source.length !== this.size)
      throw unsupportedFault('a list that changes while a loop runs over it is not part of the dialect', 'loop over a copy: | list');
    if (!this.look()) return false;
    this.item = this.ahead.shift();
    this.index0++;
    return true;
  }

  public get last(): boolean {
    return !this.look();
  }

  public get length(): number {
    while (this.look(this.ahead.length + 1));
    return this.index0 + 1 + this.ahead.length;
  }

  /** Whether there are so many more items. */
  private look(count = 1): boolean {
    while (this.ahead.length < count && this.position < this.size) {
      const item = this.all[this.position++];
      if (this.isChosen === null || this.isChosen(item)) this.ahead.push(item);
    }
    return this.ahead.length >= count;
  }
}
