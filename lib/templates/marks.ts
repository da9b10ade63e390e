import { randomUUID } from 'crypto';
import { strip } from './dialect/methods';
import { escapeBash, escapedPieces } from './escaping/bash';
import { escapePowerShell } from './escaping/powershell';
import { Segment, ValueSegment, printed } from './escaping/segments';
import { TemplateError, TemplateLocation } from './template-error';
import { SingleValue, VariableReference } from './value-kinds';

/** What a printed value becomes: the mark that stands for it in the text until it is escaped. */
export interface Output {
  value(value: ValueSegment['value'], template: string, line: number, key: string | undefined, separator?: string): string;
  /** Called before an included template runs. */
  enter(template: string): void;
  /** Called with its text; what it returns stands in the text of the template that includes it. */
  leave(template: string, text: string): string;
  holdsMarks(text: string): boolean;
  /** The text without space at its ends, be it its own or that of values. */
  trim(text: string): string;
  /** Called with each piece of text outside of captures, when templates are compiled to tell where it stands. */
  text?(text: string, place: TextPlace): string;
}

/** Where text of a script comes from. */
export interface TextPlace {
  readonly template: string;
  /** Line where it begins, counted from 1. */
  readonly line: number;
  /** Whether all of it stands for this one line: rendered text that an expression prints. */
  readonly isPrinted: boolean;
}

/** The language of a rendered script, which decides how values are escaped. */
export type Language = 'bash' | 'powershell';

/** The language that the ending of a template's name stands for. */
export function languageOf(name: string): Language | undefined {
  const ending = /\.(sh|bash|ps|ps1|psm1)(?:\.j2|\.jinja2|\.jinja)?$/i.exec(name)?.[1].toLowerCase();
  if (ending === undefined) return undefined;
  return ending === 'sh' || ending === 'bash' ? 'bash' : 'powershell';
}

function unknownLanguage(name: string, value: ValueSegment): TemplateError {
  return new TemplateError({
    code: 'UnknownLanguage',
    template: value.template,
    line: value.line,
    key: value.key,
    problem: `a value is inserted, and the name ${name} does not tell the language it has to be escaped for`,
    remedy: 'name the entry template *.sh.j2 or *.ps.j2, use | safe for trusted text, or turn escaping off',
  });
}

function rawText(value: SingleValue): string {
  return value instanceof VariableReference ? `\${${value.variable}}` : printed(value);
}

/** The script: its values escaped, or as they are. */
export function write(entry: string, escaping: 'contextual' | 'none', segments: readonly Segment[]): string {
  const language = languageOf(entry);
  const values = segments.filter((segment) => segment.kind === 'value');
  if (language === undefined && values.length > 0) {
    const reference = values.find(({ value }) => value instanceof VariableReference);
    if (escaping === 'contextual' || reference) throw unknownLanguage(entry, reference ?? values[0]);
  }
  if (escaping === 'contextual' && language === 'powershell') return escapePowerShell(segments);
  if (escaping === 'contextual' && language === 'bash') return escapeBash(segments);
  return segments.map(writtenRaw).join('');
}

function writtenRaw(segment: Segment): string {
  return segment.kind === 'text' ? segment.text : rawText(segment.value as SingleValue);
}

/** The offset of what is at an offset of a bash script as `write` gives it, when each value counts as one character. */
export function sourceOffset(escaping: 'contextual' | 'none', segments: readonly Segment[], written: number): number {
  const pieces =
    escaping === 'contextual'
      ? escapedPieces(segments)
      : segments.map((each) => ({ text: writtenRaw(each), value: each.kind === 'value' ? each : undefined }));
  let [source, rest] = [0, written];
  for (const { text, value } of pieces) {
    if (rest < text.length) return value === undefined ? source + rest : source;
    rest -= text.length;
    source += value === undefined ? text.length : 1;
  }
  return source;
}

/**
 * Rendered bytes that a template (the entry or one it includes) contributed.
 *
 * @internal
 */
export interface TemplatePart {
  readonly template: string;
  readonly bytes: number;
}

/** A piece of a rendering and the template it comes from. */
export interface OwnedSegment {
  readonly segment: Segment;
  readonly owner: string;
}

const empty: Segment = { kind: 'text', text: '' };

/** A piece without space at one of its ends. What is known later, or is no text, stays as it is. */
function stripped(segment: Segment, left: boolean, right: boolean): Segment {
  const text = segment.kind === 'text' ? segment.text : segment.value;
  if (typeof text !== 'string') return segment;
  const rest = strip(text, left, right);
  if (rest === '') return empty;
  return segment.kind === 'text' ? { ...segment, text: rest } : { ...segment, value: rest };
}

/**
 * Text with marks where values stand. The marks hold a random number, made for this rendering, so that neither text nor
 * values can hold one.
 */
abstract class Script implements Output {
  private markText: string | undefined;
  protected readonly values: ValueSegment[] = [];
  /** Names of the templates whose beginning is marked. */
  protected readonly entered: string[] = [];

  public constructor(protected readonly entry: string) {}

  protected get mark(): string {
    return (this.markText ??= `\ue000${randomUUID()}`);
  }

  /** False when no mark was made, so that the text is as it will be written. */
  public get hasMarks(): boolean {
    return this.values.length > 0;
  }

  public value(value: ValueSegment['value'], template: string, line: number, key: string | undefined, separator?: string): string {
    if (typeof value === 'string' && value.includes(this.mark)) throw new Error('a value holds the mark of this rendering');
    return this.insert({ kind: 'value', value, template, line, key, separator });
  }

  private insert(value: ValueSegment): string {
    this.values.push(value);
    return `${this.mark}v${this.values.length - 1};`;
  }

  public holdsMarks(text: string): boolean {
    return this.hasMarks && text.includes(this.mark);
  }

  public trim(text: string): string {
    const segments = this.split(text).map(({ segment }) => segment);
    while (segments.length > 0 && (segments[0] = stripped(segments[0], true, false)) === empty) segments.shift();
    while (segments.length > 0 && (segments[segments.length - 1] = stripped(segments[segments.length - 1], false, true)) === empty)
      segments.pop();
    return segments.map((segment) => (segment.kind === 'text' ? segment.text : this.insert(segment))).join('');
  }

  public abstract enter(template: string): void;
  public abstract leave(template: string, text: string): string;

  /** The pieces of the marked text. */
  public split(marked: string): OwnedSegment[] {
    const segments: OwnedSegment[] = [];
    const open = [this.entry];
    const push = (segment: Segment): void => void segments.push({ segment, owner: open[open.length - 1] });
    marked.split(this.mark).forEach((piece, index) => {
      if (index === 0) {
        if (piece !== '') push({ kind: 'text', text: piece });
        return;
      }
      const end = piece.indexOf(';');
      if (piece[0] === 'v') push(this.values[Number(piece.slice(1, end))]);
      else if (piece[0] === 'e') open.push(this.entered[Number(piece.slice(1, end))]);
      else open.pop();
      const text = piece.slice(end + 1);
      if (text !== '') push({ kind: 'text', text });
    });
    return segments;
  }
}

/** A rendering whose values are escaped: the borders of included templates are marked in its text as well. */
export class MarkedScript extends Script {
  public override get hasMarks(): boolean {
    return this.entered.length > 0 || super.hasMarks;
  }

  public enter(): void {
    // The border is written when the text between is known.
  }

  public leave(template: string, text: string): string {
    this.entered.push(template);
    return `${this.mark}e${this.entered.length - 1};${text}${this.mark}l;`;
  }

  /** Who contributed how much. A value counts with the text that was written for it. */
  public measure(_marked: string, segments: readonly OwnedSegment[], written: string): TemplatePart[] {
    const sizes = new PartSizes(this.entry);
    let at = 0;
    let valueOwner = this.entry;
    for (const { segment, owner } of segments) {
      sizes.add(owner, 0);
      if (segment.kind === 'value') {
        valueOwner = owner;
        continue;
      }
      const found = written.indexOf(segment.text, at);
      if (found === -1) continue;
      sizes.add(valueOwner, Buffer.byteLength(written.slice(at, found)));
      sizes.add(owner, Buffer.byteLength(segment.text));
      at = found + segment.text.length;
    }
    sizes.add(valueOwner, Buffer.byteLength(written.slice(at)));
    return sizes.parts();
  }
}

/** A rendering for an error about the text of a script: it knows where each piece of text comes from. */
export class LocatedScript extends MarkedScript {
  private readonly places: TextPlace[] = [];

  public text(text: string, place: TextPlace): string {
    this.places.push(place);
    return `${this.mark}t${this.places.length - 1};${text}`;
  }

  /** The place of the text at an offset, when each value counts as one character. */
  public placeAt(marked: string, offset: number): TemplateLocation | undefined {
    let place: TextPlace | undefined;
    let at = 0;
    for (const piece of marked.split(this.mark).slice(1)) {
      const end = piece.indexOf(';');
      if (piece[0] === 't') place = this.places[Number(piece.slice(1, end))];
      else if (piece[0] === 'v') at += 1;
      const text = piece.slice(end + 1);
      if (offset < at + text.length && place !== undefined) {
        const newlines = place.isPrinted ? 0 : text.slice(0, offset - at).split('\n').length - 1;
        return { template: place.template, line: place.line + newlines };
      }
      at += text.length;
    }
    return place;
  }
}

/** A rendering whose values are written as they are; only references to variables are marked, to know them. */
export class PlainScript extends Script {
  private readonly inclusions: { readonly template: string; readonly text: string; readonly parent: string }[] = [];
  private readonly open: string[] = [];

  public enter(template: string): void {
    this.open.push(template);
  }

  public leave(template: string, text: string): string {
    this.open.pop();
    this.inclusions.push({ template, text, parent: this.open.at(-1) ?? this.entry });
    return text;
  }

  public measure(marked: string): TemplatePart[] {
    const sizes = new PartSizes(this.entry);
    const size = (text: string): number => {
      const isMarked = this.holdsMarks(text);
      return Buffer.byteLength(
        isMarked
          ? write(
              this.entry,
              'none',
              this.split(text).map(({ segment }) => segment),
            )
          : text,
      );
    };
    sizes.add(this.entry, size(marked));
    for (const { template, text, parent } of this.inclusions) {
      sizes.add(template, size(text));
      sizes.add(parent, -size(text));
    }
    return sizes.parts();
  }
}

class PartSizes {
  private readonly bytes: Map<string, number>;

  public constructor(entry: string) {
    this.bytes = new Map([[entry, 0]]);
  }

  public add(template: string, size: number): void {
    this.bytes.set(template, (this.bytes.get(template) ?? 0) + size);
  }

  public parts(): TemplatePart[] {
    return Array.from(this.bytes, ([template, bytes]) => ({ template, bytes }));
  }
}
