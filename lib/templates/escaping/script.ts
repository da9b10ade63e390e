import { TemplateError, TemplateErrorDetails } from '../template-error';
import { ListValue } from '../value-kinds';
import { Segment, ValueSegment } from './segments';

/**
 * Stands for one inserted value in {@link Script.source}. NUL, because no script can contain it: lexers then look ahead
 * and run regular expressions over one plain string, and a value never equals a character of the script.
 *
 * @internal
 */
export const VALUE = '\0';

/** What is wrong, and what the author can do about it. */
export interface Problem {
  readonly code: string;
  readonly problem: string;
  readonly remedy: string;
}

/**
 * An error about the script's own text. It names the nearest value's place until somebody knows the place of the text.
 *
 * @internal
 */
export class ScriptTextError extends TemplateError {
  public constructor(
    details: TemplateErrorDetails,
    /** Where in the script it is, when each value counts as one character. */
    public readonly offset: number,
  ) {
    super(details);
  }
}

/** A piece of a script as it is written. */
export interface Piece {
  readonly text: string;
  readonly value?: ValueSegment;
}

/**
 * The segments of one script as one string to read, and the script with its values written, piece by piece.
 *
 * @internal
 */
export class Script {
  /** The trusted text with {@link VALUE} in the place of each value. */
  public readonly source: string;

  private readonly values: ValueSegment[] = [];
  private readonly offsets: number[] = [];
  private readonly pieces: Piece[] = [];
  /** Values already written. */
  private written = 0;
  /** Text before this offset of the source is already written. */
  private copied = 0;

  public constructor(segments: readonly Segment[]) {
    const texts: string[] = [];
    let length = 0;
    for (const segment of segments) {
      if (segment.kind === 'value') {
        this.values.push(segment);
        this.offsets.push(length);
        texts.push(VALUE);
        length += 1;
      } else {
        texts.push(segment.text);
        length += segment.text.length;
      }
    }
    this.source = texts.join('');
    for (let index = 0, offset = -1; (offset = this.source.indexOf(VALUE, offset + 1)) !== -1; index += 1) {
      if (this.offsets[index] !== offset) {
        throw this.errorAt(offset, {
          code: 'NulInScript',
          problem: 'the text of the script contains a NUL character, which no script can hold',
          remedy: 'remove the character from the template',
        });
      }
    }
  }

  public get hasValues(): boolean {
    return this.values.length > 0;
  }

  /** Where the next value stands that is not written yet; behind the end when there is none. */
  public get nextValueOffset(): number {
    return this.offsets[this.written] ?? Infinity;
  }

  /** The value that stands at `offset`, which must be the next one to write. */
  public valueAt(offset: number): ValueSegment {
    if (this.offsets[this.written] !== offset) {
      throw new Error(`the value at offset ${offset} is read out of order`);
    }
    return this.values[this.written];
  }

  /** Writes the text up to `offset` as it is. */
  public copyTo(offset: number): void {
    if (this.nextValueOffset < offset) {
      throw new Error(`the value at offset ${this.nextValueOffset} was passed over`);
    }
    if (offset > this.copied) {
      this.pieces.push({ text: this.source.slice(this.copied, offset) });
      this.copied = offset;
    }
  }

  /** Writes the value that stands at `offset` as `text`. */
  public writeValue(offset: number, text: string): void {
    this.copyTo(offset);
    this.pieces.push({ text, value: this.valueAt(offset) });
    this.written += 1;
    this.copied = offset + 1;
  }

  /** A mark to read back what is written from here on. */
  public mark(): number {
    return this.pieces.length;
  }

  /** What was written since `mark`. */
  public piecesSince(mark: number): readonly Piece[] {
    return this.pieces.slice(mark);
  }

  public finish(): string {
    this.copyTo(this.source.length);
    return this.pieces.map((piece) => piece.text).join('');
  }

  /** An error about the value that stands at `offset`. */
  public valueError(value: ValueSegment, problem: Problem, options?: ErrorOptions): TemplateError {
    return new TemplateError({ ...problem, template: value.template, line: value.line, key: value.key }, options);
  }

  /** The same value where a list is text. */
  public listText(segment: ValueSegment, { text }: ListValue): ValueSegment {
    if (typeof text !== 'string') throw this.valueError({ ...segment, key: text.key }, text);
    return { ...segment, value: text };
  }

  /** An error about the script's own text, with the line of the rendered script. */
  public errorAt(offset: number, problem: Problem): ScriptTextError {
    const after = this.offsets.findIndex((valueOffset) => valueOffset > offset);
    const nearest = this.values[after === -1 ? this.values.length - 1 : Math.max(after - 1, 0)];
    const line = this.source.slice(0, offset).split('\n').length;
    return new ScriptTextError(
      {
        ...problem,
        problem: `${problem.problem} (line ${line} of the rendered script)`,
        template: nearest?.template ?? 'script',
        line: nearest?.line,
      },
      offset,
    );
  }
}
