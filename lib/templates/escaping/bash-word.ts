import { VariableReference } from '../value-kinds';
import { BashContext } from './bash-place';
import { VALUE } from './script';
import { ValueSegment } from './segments';

/** What a word looked like, as far as the grammar around it needs to know. */
export interface Word {
  /** Its text when it has no quotes, expansions or values, else undefined: only such a word can be a reserved word. */
  readonly bare: string | undefined;
  /** Its text without quotes when it has no expansions or values, else undefined: what the command sees. */
  readonly text: string | undefined;
  /** Its text in the script. */
  readonly raw: string;
  readonly assignment: boolean;
  /** An assignment of `(..)`. */
  readonly isArray: boolean;
  readonly start: number;
  /** With those of array elements, but not those in `$(..)`. */
  readonly values: readonly ValueSegment[];
}

export type WordKind = 'argument' | 'assignable' | 'array element' | 'conditional' | 'conditional pattern' | 'regular expression';

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*(?:\[.*\])?\+?=/s;
/** The name that a word declares or assigns, once it has no quotes. */
const ASSIGNED_NAME = /^([A-Za-z_\0][\w\0]*)(?:\[|\+?=|$)/;

/** A word while it is read. */
export class WordSoFar {
  public bare: string | undefined = '';
  public text: string | undefined = '';
  public assignment = false;
  public isArray = false;
  public hasBrace = false;
  /** After a character that gives meaning to what follows. */
  public literal = false;
  public inSubscript = false;
  /** In `[..]` of a regular expression. */
  public inBrackets = false;
  /** The open ones of an extended pattern or a regular expression: within them blanks belong to the word. */
  public readonly parentheses: number[] = [];
  private nameEnded = false;

  public constructor(
    public readonly kind: WordKind,
    public readonly start: number,
    private readonly context: BashContext,
  ) {}

  /** For what stands at the present place of the word. */
  public get inner(): BashContext {
    if (this.inBrackets) {
      return { ...this.context, refused: 'in a bracket expression of a regular expression' };
    }
    return this.inSubscript ? { ...this.context, arithmetic: true } : this.context;
  }

  public add(text: string): void {
    this.text = this.text === undefined ? undefined : this.text + text;
    if (this.bare !== undefined) {
      this.bare += text;
      if (!this.nameEnded && !this.inSubscript && text.includes('=')) {
        this.nameEnded = true;
        this.assignment = ASSIGNMENT.test(this.bare);
      }
    }
  }

  /** Quoted text, if it means what it says. */
  public addQuoted(quoted: string): void {
    this.bare = undefined;
    this.text = this.text === undefined || /[\0$`\\]/.test(quoted) ? undefined : this.text + quoted;
  }

  public addUnknown(): void {
    this.bare = this.text = undefined;
  }
}

/** The name that a word declares or assigns, with the values that are part of it. */
export function assignedName(word: Word): string | undefined {
  const name = ASSIGNED_NAME.exec(word.raw.replace(/["']|\\\n?/g, ''))?.[1];
  let index = 0;
  return name?.replaceAll(VALUE, () => {
    const { value } = word.values[index++];
    return value instanceof VariableReference ? ' ' : String(value);
  });
}

export function isIdentifier(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}
