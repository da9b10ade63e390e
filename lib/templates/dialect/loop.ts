import { typeFault, unsupportedFault } from '../fault';
import { iterate } from './operators';
import type { Runtime } from './runtime';
import { Dict } from './values';

/** A loop under way, and what templates see of it as `loop`. A list that grows meanwhile is followed, as in Python. */
export class Loop {
  public item: unknown;
  public index0 = -1;
  public readonly items: readonly unknown[];
  private readonly size: number;

  public constructor(
    private readonly source: unknown,
    private readonly isChosen: ((item: unknown) => boolean) | null,
  ) {
    const all = iterate(source);
    this.items = isChosen ? all.filter((item) => isChosen(item)) : all;
    this.size = all.length;
  }

  public get isEmpty(): boolean {
    return this.index0 < 0;
  }

  public advance(): boolean {
    const { source, size, isChosen } = this;
    if (source instanceof Dict && source.size !== size) throw typeFault('the dictionary changed its size while a loop runs over it');
    if (isChosen && Array.isArray(source) && source.length !== size)
      throw unsupportedFault(
        'a list that changes while a loop with if runs over it is not part of the dialect',
        'loop over a copy: | list',
      );
    if (this.index0 + 1 >= this.items.length) return false;
    this.item = this.items[++this.index0];
    return true;
  }

  public cycle(values: readonly unknown[]): unknown {
    if (values.length === 0) throw typeFault('no items for cycling given');
    return values[this.index0 % values.length];
  }
}

/** The attributes of `loop`. */
export const LOOP_ATTRIBUTES: Readonly<Record<string, (loop: Loop, runtime: Runtime) => unknown>> = {
  index: ({ index0 }) => index0 + 1,
  index0: ({ index0 }) => index0,
  revindex: ({ index0, items }) => items.length - index0,
  revindex0: ({ index0, items }) => items.length - index0 - 1,
  first: ({ index0 }) => index0 === 0,
  last: ({ index0, items }) => index0 + 1 === items.length,
  length: ({ items }) => items.length,
  previtem: ({ index0, items }, runtime) => (index0 === 0 ? runtime.missing('there is no previous item') : items[index0 - 1]),
  nextitem: ({ index0, items }, runtime) => (index0 + 1 === items.length ? runtime.missing('there is no next item') : items[index0 + 1]),
};
