import { randomUUID } from 'crypto';
import { escapeBash } from './escaping/bash';
import { escapePowerShell } from './escaping/powershell';
import { ScriptTextError } from './escaping/script';
import { Segment, ValueSegment } from './escaping/segments';
import { ContextValues } from './context-values';
import { JinjaEnvironment, TemplateSource } from './jinja2/environment';
import { TemplateFault, asFault } from './jinja2/fault';
import { Output, Runtime, TextPlace } from './jinja2/runtime';
import { stripText } from './jinja2/text';
import { Dict, SimpleNamespace } from './jinja2/values';
import { nearestNames } from './nearest-names';
import { TemplateError, TemplateLocation } from './template-error';
import { TemplateFiles } from './template-files';
import { VariableReference } from './value-kinds';

/** The language of a rendered script, which decides how values are escaped. */
export type Language = 'bash' | 'powershell';

/** @internal */
export interface RendererOptions {
  /** Folders with templates; the first that has a template of a name wins. */
  readonly searchPaths: readonly string[];
  /** `contextual` (default) escapes each value for the place where it stands; `none` writes it as it is, as Jinja2 does. */
  readonly escaping?: 'contextual' | 'none';
  /** What a key is that the context does not have: an error (default), or None as in Jinja2. */
  readonly missingKeys?: 'error' | 'none';
  /**
   * Keys that exist without having a value here. With them, a key that is neither declared nor has a value is an error
   * even where `get` is given a default; without them only the keys of the context are known, and a default is taken.
   */
  readonly declaredKeys?: Iterable<string>;
  /**
   * Whether `${#` is text, as in a shell's `${#array[@]}`. Jinja2 opens a comment there. Default: true with contextual
   * escaping; with `none` Jinja2 is followed, except where it would fail because the comment is never closed.
   */
  readonly shellLengthIsText?: boolean;
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

/** @internal */
export interface RenderResult {
  readonly text: string;
  /** The variables that the text refers to, each once. */
  readonly references: readonly VariableReference[];
  /** Where in the templates a variable is referred to first, by its name. */
  readonly places: ReadonlyMap<string, TemplateLocation>;
  /** The entry first, then the templates it includes as they come; the bytes add up to those of the text. */
  readonly parts: readonly TemplatePart[];
  /** Absolute paths of the files that were read. */
  readonly templates: readonly string[];
}

/**
 * Renders templates of the Jinja2 dialect. Each template is read and compiled once, so keep a renderer for all that is
 * rendered from the same folders.
 *
 * @internal
 */
export class TemplateRenderer {
  private readonly files: TemplateFiles;
  private readonly newEnvironment: (locatesText: boolean) => JinjaEnvironment;
  private readonly environment: JinjaEnvironment;
  private readonly escaping: 'contextual' | 'none';
  private readonly missingKeys: 'error' | 'none';
  private readonly declaredKeys: ReadonlySet<string> | undefined;
  private readonly sources = new Map<string, string>();
  /** Files that the rendering now under way has read. */
  private readFiles = new Set<string>();

  public constructor(options: RendererOptions) {
    this.escaping = options.escaping ?? 'contextual';
    this.missingKeys = options.missingKeys ?? 'error';
    this.declaredKeys = options.declaredKeys === undefined ? undefined : new Set(options.declaredKeys);
    const isContextual = this.escaping === 'contextual';
    this.files = new TemplateFiles(options.searchPaths, isContextual);
    const source: TemplateSource = { read: (name) => this.read(name), notFound: (names) => this.notFound(names) };
    this.newEnvironment = (locatesText) =>
      new JinjaEnvironment(source, {
        contextual: isContextual,
        strict: this.missingKeys === 'error',
        shellLengthIsText: options.shellLengthIsText ?? isContextual,
        locatesText,
      });
    this.environment = this.newEnvironment(false);
  }

  /** Whether there is a template of this name. */
  public has(name: string): boolean {
    return this.files.find(name) !== undefined;
  }

  /**
   * Renders a template. Templates see the context as `context`, and `ns.template_already_included`, a list that is empty
   * at the beginning of each rendering.
   *
   * @throws TemplateError
   */
  public render(name: string, context: { readonly [key: string]: unknown } | Dict): RenderResult {
    this.readFiles = new Set();
    try {
      const script = this.escaping === 'contextual' ? new MarkedScript(name) : new PlainScript(name);
      const text = this.run(this.environment, script, name, context);
      return new Rendering(text, name, script, this.escaping, Array.from(this.readFiles));
    } catch (error) {
      throw error instanceof ScriptTextError ? this.located(error, name, context) : asTemplateError(error, name);
    }
  }

  private run(environment: JinjaEnvironment, script: Output, name: string, context: { readonly [key: string]: unknown } | Dict): string {
    const template = environment.load(name);
    if (template === undefined) throw this.notFound([name]);
    const values = new ContextValues(context, { missingKeys: this.missingKeys, declared: this.declaredKeys });
    return new Runtime(environment, script).run(template, [
      ['context', values],
      ['ns', new SimpleNamespace(new Map([['template_already_included', []]]))],
    ]);
  }

  /** The error with the place of the text in its template. That is found by rendering once more, so that only errors pay for it. */
  private located(error: ScriptTextError, name: string, context: { readonly [key: string]: unknown } | Dict): TemplateError {
    const script = new LocatedScript(name);
    let marked: string;
    try {
      marked = this.run(this.newEnvironment(true), script, name, context);
    } catch {
      // The first error is the one to tell.
      return error;
    }
    const place = script.placeAt(marked, error.offset);
    return place === undefined ? error : error.at(place);
  }

  private read(name: string): string | undefined {
    const file = this.files.find(name);
    if (file === undefined) return undefined;
    this.readFiles.add(file);
    let source = this.sources.get(file);
    if (source === undefined) {
      ({ source } = this.files.read(file));
      this.sources.set(file, source);
    }
    return source;
  }

  private notFound(names: readonly string[]): TemplateFault {
    const nearest =
      names.length === 0
        ? []
        : nearestNames(
            names[0],
            this.files.names().filter((name) => name !== names[0]),
          );
    const folders = this.files.searchPaths.join(', ') || 'no folder at all';
    return new TemplateFault(
      'TemplateNotFound',
      names.length === 0 ? 'the name of the template is empty' : `there is no template ${names.join(' or ')}`,
      nearest.length > 0
        ? `did you mean ${nearest.join(' or ')}? Templates are looked for in ${folders}`
        : `put it in one of the folders ${folders}`,
    );
  }
}

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

function asTemplateError(error: unknown, template: string): unknown {
  const fault = asFault(error);
  if (!(fault instanceof TemplateFault)) return fault;
  return new TemplateError({ code: fault.code, template, problem: fault.problem, key: fault.key, remedy: fault.remedy }, { cause: error });
}

function valueOf(segment: Segment): unknown {
  return segment.kind === 'value' ? segment.value : undefined;
}

function printedBoolean(segment: ValueSegment): ValueSegment {
  return { ...segment, value: segment.value === true ? 'True' : 'False' };
}

function rawText(value: ValueSegment['value']): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value instanceof VariableReference ? `\${${value.variable}}` : String(value);
}

/** What a rendering gives; sizes are counted when they are asked for. */
class Rendering implements RenderResult {
  public readonly text: string;
  public readonly references: readonly VariableReference[];
  public readonly places = new Map<string, TemplateLocation>();
  private readonly measure: () => TemplatePart[];

  public constructor(
    marked: string,
    entry: string,
    script: MarkedScript | PlainScript,
    escaping: 'contextual' | 'none',
    public readonly templates: readonly string[],
  ) {
    if (!script.hasMarks) {
      this.text = marked;
      this.references = [];
      this.measure = () => script.measure(marked, [], marked);
      return;
    }
    const segments = script.split(marked);
    const references = new Map<string, VariableReference>();
    for (const { segment } of segments) {
      if (segment.kind !== 'value' || !(segment.value instanceof VariableReference)) continue;
      const { value, template, line } = segment;
      if (!references.has(value.variable)) this.places.set(value.variable, { template, line });
      references.set(value.variable, value);
    }
    this.references = Array.from(references.values());
    this.text = write(
      entry,
      escaping,
      segments.map(({ segment }) => segment),
    );
    this.measure = () => script.measure(marked, segments, this.text);
  }

  public get parts(): readonly TemplatePart[] {
    return this.measure();
  }
}

function write(entry: string, escaping: 'contextual' | 'none', segments: readonly Segment[]): string {
  const language = languageOf(entry);
  const values = segments.filter((segment) => segment.kind === 'value');
  if (language === undefined && values.length > 0) {
    const reference = values.find(({ value }) => value instanceof VariableReference);
    if (escaping === 'contextual' || reference) throw unknownLanguage(entry, reference ?? values[0]);
  }
  if (escaping === 'contextual' && language === 'powershell') return escapePowerShell(segments);
  if (escaping === 'contextual' && language === 'bash') {
    // Python's spelling; in PowerShell a boolean can stand for $true and $false.
    return escapeBash(
      segments.map((segment) => (typeof valueOf(segment) === 'boolean' ? printedBoolean(segment as ValueSegment) : segment)),
    );
  }
  return segments.map((segment) => (segment.kind === 'text' ? segment.text : rawText(segment.value))).join('');
}

/** A piece of a rendering and the template it comes from. */
interface OwnedSegment {
  readonly segment: Segment;
  readonly owner: string;
}

const empty: Segment = { kind: 'text', text: '' };

/** A piece without space at one of its ends. What is known later, or is no text, stays as it is. */
function stripped(segment: Segment, left: boolean, right: boolean): Segment {
  const text = segment.kind === 'text' ? segment.text : segment.value;
  if (typeof text !== 'string') return segment;
  const rest = stripText(text, null, left, right);
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

  public value(value: ValueSegment['value'], template: string, line: number, key: string | undefined): string {
    if (typeof value === 'string' && value.includes(this.mark)) throw new Error('a value holds the mark of this rendering');
    return this.insert({ kind: 'value', value, template, line, key });
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
class MarkedScript extends Script {
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
class LocatedScript extends MarkedScript {
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
class PlainScript extends Script {
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
