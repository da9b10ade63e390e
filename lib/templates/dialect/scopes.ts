import { notInDialect } from '../fault';

interface Frame {
  /** Names that are read or assigned so far. */
  known: Set<string>;
  /** Names that only blocks inside of it have read so far. */
  readonly readInside: Set<string>;
}

/**
 * The names of a template, scope by scope, as its code is made. A name that an inner block reads before its own block
 * assigns it is refused: Jinja2 sees nothing there, also where the templates around have such a name.
 */
export class Scopes {
  private readonly frames: Frame[] = [];

  public within<Result>(bound: readonly string[], compile: () => Result): Result {
    this.frames.push({ known: new Set(bound), readInside: new Set() });
    const result = compile();
    this.frames.pop();
    return result;
  }

  public read(name: string): void {
    if (this.frames.some(({ known }) => known.has(name))) return;
    this.frames.at(-1)!.known.add(name);
    for (const { readInside } of this.frames.slice(0, -1)) readInside.add(name);
  }

  public assign(name: string, lineno: number): void {
    const { known, readInside } = this.frames.at(-1)!;
    if (readInside.has(name) && !this.frames.some((frame) => frame.known.has(name)))
      throw notInDialect(lineno, `'${name}', which is assigned behind a block that reads it,`, 'assign it before the block');
    known.add(name);
  }

  /** Blocks of which one runs: what one of them knows the next does not. */
  public alternatives(blocks: readonly (() => void)[]): void {
    const frame = this.frames.at(-1)!;
    const before = frame.known;
    const all = blocks.flatMap((compile) => {
      frame.known = new Set(before);
      compile();
      return Array.from(frame.known);
    });
    frame.known = before;
    // A name that not every block assigns has its value from outside as well.
    for (const name of all) this.read(name);
  }
}
