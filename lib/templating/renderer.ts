import { randomBytes } from 'crypto';
import { escapeBash } from './escaping/bash';
import { escapePowerShell } from './escaping/powershell';
import { Segment, ValueSegment } from './escaping/segments';
import { ContextValues } from './context-values';
import { JinjaEnvironment, TemplateSource } from './jinja2/environment';
import { TemplateFault } from './jinja2/fault';
import { Output, Runtime, globals } from './jinja2/runtime';
import { Dict } from './jinja2/values';
import { nearestNames } from './nearest-names';
import { TemplateError } from './template-error';
import { TemplateFiles, UnreadableTemplate } from './template-files';
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
    this.environment = new JinjaEnvironment(source, {
      contextual: isContextual,
      strict: this.missingKeys === 'error',
      shellLengthIsText: options.shellLengthIsText ?? isContextual,
    });
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
      const template = this.environment.load(name);
      if (template === undefined) throw this.notFound([name]);
      const script = new MarkedScript(name);
      const text = new Runtime(this.environment, script).run(template, this.variables(context));
      return { ...this.finish(name, script, text), templates: Array.from(this.readFiles) };
    } catch (error) {
      throw asTemplateError(error, name);
    }
  }

  private variables(context: { readonly [key: string]: unknown } | Dict): ReadonlyMap<string, unknown> {
    const values = new ContextValues(context, { missingKeys: this.missingKeys, declared: this.declaredKeys });
    return new Map<string, unknown>([...globals, ['context', values], ['ns', Dict.from([['template_already_included', []]])]]);
  }

  private finish(name: string, script: MarkedScript, marked: string): Pick<RenderResult, 'text' | 'references' | 'parts'> {
    const { segments, owners } = script.split(marked);
    const language = languageOf(name);
    const values = segments.filter((segment) => segment.kind === 'value');
    const references = new Map<string, VariableReference>();
    for (const { value } of values) {
      if (value instanceof VariableReference && !references.has(value.variable)) references.set(value.variable, value);
    }
    const text = this.write(name, language, segments, values);
    return { text, references: Array.from(references.values()), parts: measureParts(name, segments, owners, text) };
  }

  private write(name: string, language: Language | undefined, segments: readonly Segment[], values: readonly ValueSegment[]): string {
    if (language === undefined && values.length > 0) {
      const reference = values.find(({ value }) => value instanceof VariableReference);
      if (this.escaping === 'contextual' || reference) throw unknownLanguage(name, reference ?? values[0]);
    }
    if (this.escaping === 'contextual' && language === 'powershell') return escapePowerShell(segments);
    if (this.escaping === 'contextual' && language === 'bash') {
      // Python's spelling; in PowerShell a boolean can stand for $true and $false.
      return escapeBash(
        segments.map((segment) => (typeof valueOf(segment) === 'boolean' ? printedBoolean(segment as ValueSegment) : segment)),
      );
    }
    return segments.map((segment) => (segment.kind === 'text' ? segment.text : rawText(segment.value))).join('');
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
    const nearest = nearestNames(names[0], this.files.names());
    const folders = this.files.searchPaths.join(', ') || 'no folder at all';
    return new TemplateFault(
      'TemplateNotFound',
      `there is no template ${names.join(' or ')}`,
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
  if (error instanceof TemplateFault) {
    return new TemplateError({ code: error.code, template, problem: error.problem, key: error.key, remedy: error.remedy });
  }
  if (error instanceof UnreadableTemplate) {
    return new TemplateError(
      { code: 'UnreadableTemplate', template: error.file, problem: error.problem, remedy: 'save it as UTF-8' },
      { cause: error },
    );
  }
  return error;
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

/** Who contributed how much. Values count with the text that was written for them. */
function measureParts(entry: string, segments: readonly Segment[], owners: readonly string[], text: string): TemplatePart[] {
  const bytes = new Map<string, number>([[entry, 0]]);
  const count = (owner: string, size: number): void => void bytes.set(owner, (bytes.get(owner) ?? 0) + size);
  let at = 0;
  let counted = 0;
  let valueOwner: string | undefined;
  segments.forEach((segment, index) => {
    if (segment.kind === 'value') {
      valueOwner = owners[index];
      count(valueOwner, 0);
      return;
    }
    const found = text.indexOf(segment.text, at);
    if (found === -1) return;
    const written = Buffer.byteLength(text.slice(at, found));
    if (written > 0) count(valueOwner ?? owners[index], written);
    const size = Buffer.byteLength(segment.text);
    count(owners[index], size);
    counted += written + size;
    at = found + segment.text.length;
  });
  count(valueOwner ?? entry, Buffer.byteLength(text) - counted);
  return Array.from(bytes, ([template, size]) => ({ template, bytes: size }));
}

/**
 * The text of a rendering with marks in it: where values stand, and where templates begin and end. The marks hold a
 * random number, made after all text and all values exist, so that neither can hold one.
 */
class MarkedScript implements Output {
  private readonly mark = `\ue000${randomBytes(16).toString('hex')}`;
  private readonly values: ValueSegment[] = [];
  private readonly entered: string[] = [];

  public constructor(private readonly entry: string) {}

  public value(value: ValueSegment['value'], template: string, line: number, key: string | undefined): string {
    if (typeof value === 'string' && value.includes(this.mark)) throw new Error('a value holds the mark of this rendering');
    this.values.push({ kind: 'value', value, template, line, key });
    return `${this.mark}v${this.values.length - 1};`;
  }

  public enter(template: string): string {
    this.entered.push(template);
    return `${this.mark}e${this.entered.length - 1};`;
  }

  public leave(): string {
    return `${this.mark}l;`;
  }

  public holdsMarks(text: string): boolean {
    return text.includes(this.mark);
  }

  /** The pieces of the marked text, and for each the template it comes from. */
  public split(marked: string): { segments: Segment[]; owners: string[] } {
    const segments: Segment[] = [];
    const owners: string[] = [];
    const open = [this.entry];
    const push = (segment: Segment): void => {
      segments.push(segment);
      owners.push(open[open.length - 1]);
    };
    marked.split(this.mark).forEach((piece, index) => {
      if (index === 0) {
        if (piece !== '') push({ kind: 'text', text: piece });
        return;
      }
      const end = piece.indexOf(';');
      const number = Number(piece.slice(1, end));
      if (piece[0] === 'v') push(this.values[number]);
      else if (piece[0] === 'e') open.push(this.entered[number]);
      else open.pop();
      const text = piece.slice(end + 1);
      if (text !== '') push({ kind: 'text', text });
    });
    return { segments, owners };
  }
}
