import { unsupportedFault } from '../fault';
import { iterate } from './operators';

/** The attributes of `loop`, as JavaScript of the loop's variable. */
export const LOOP_ATTRIBUTES: Readonly<Record<string, (loop: string) => string>> = {
  index: (loop) => `(${loop}.index0 + 1)`,
  index0: (loop) => `${loop}.index0`,
  first: (loop) => `(${loop}.index0 === 0)`,
  last: (loop) => `(${loop}.index0 + 1 === ${loop}.items.length)`,
  length: (loop) => `${loop}.items.length`,
};

/** A loop under way. */
export class Loop {
  public item: unknown;
  public index0 = -1;
  public readonly items: readonly unknown[];
  private readonly size: number;

  public constructor(
    private readonly source: unknown,
    isChosen: ((item: unknown) => boolean) | null,
  ) {
    const all = iterate(source);
    this.items = isChosen ? all.filter(isChosen) : all;
    this.size = all.length;
  }

  public advance(): boolean {
    if (Array.isArray(this.source) && this.source.length !== this.size)
      throw unsupportedFault('a list that changes while a loop runs over it is not part of the dialect', 'loop over a copy: | list');
    if (this.index0 + 1 >= this.items.length) return false;
    this.item = this.items[++this.index0];
    return true;
  }
}
