import { ContextValues } from './context-values';
import { DialectEnvironment, TemplateSource } from './dialect/environment';
import { Runtime, Scope } from './dialect/runtime';
import { Dict, Namespace } from './dialect/values';
import { ScriptTextError } from './escaping/script';
import { Segment } from './escaping/segments';
import { TemplateFault, asFault } from './fault';
import { LocatedScript, MarkedScript, Output, PlainScript, TemplatePart, languageOf, sourceOffset, write } from './marks';
import { nearestNames } from './nearest-names';
import { NO_SYNTAX_CHECK, ShellFault, shellFault } from './shell-syntax';
import { TemplateError, TemplateLocation } from './template-error';
import { TemplateFiles } from './template-files';
import { ListValue, VariableReference } from './value-kinds';

export { Language, TemplatePart, languageOf } from './marks';

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
  /** Whether a bash script is parsed, by the absolute paths of the files it comes from. Default: never. */
  readonly checksShell?: (files: readonly string[]) => boolean;
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
  /** What is to be said of the script: that it is no bash by the parser, though bash takes it. */
  readonly warnings: readonly string[];
}

/**
 * Renders templates of the Jinja2 dialect. Each template is read and compiled once, so keep a renderer for all that is
 * rendered from the same folders.
 *
 * @internal
 */
export class TemplateRenderer {
  private readonly files: TemplateFiles;
  private readonly newEnvironment: (locatesText: boolean) => DialectEnvironment;
  private readonly environment: DialectEnvironment;
  private readonly escaping: 'contextual' | 'none';
  private readonly missingKeys: 'error' | 'none';
  private readonly declaredKeys: ReadonlySet<string> | undefined;
  private readonly checksShell: (files: readonly string[]) => boolean;
  /** By the text of a script: other contexts often give the same. */
  private readonly shellFaults = new Map<string, ShellFault | undefined>();
  private readonly sources = new Map<string, string>();
  /** Files that the rendering now under way has read. */
  private readFiles = new Set<string>();

  public constructor(options: RendererOptions) {
    this.escaping = options.escaping ?? 'contextual';
    this.missingKeys = options.missingKeys ?? 'error';
    this.declaredKeys = options.declaredKeys === undefined ? undefined : new Set(options.declaredKeys);
    this.checksShell = options.checksShell ?? (() => false);
    const isContextual = this.escaping === 'contextual';
    this.files = new TemplateFiles(options.searchPaths, isContextual);
    const source: TemplateSource = { read: (name) => this.read(name), notFound: (names) => this.notFound(names) };
    this.newEnvironment = (locatesText) =>
      new DialectEnvironment(source, {
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
      const result = new Rendering(text, name, script, this.escaping, Array.from(this.readFiles));
      this.checkShell(result, name, context);
      return result;
    } catch (error) {
      throw error instanceof ScriptTextError
        ? this.located(error, name, context, (_segments, offset) => offset)
        : asTemplateError(error, name);
    }
  }

  /** Parses a bash script: what no shell could run is an error here. */
  private checkShell(result: Rendering, name: string, context: { readonly [key: string]: unknown } | Dict): void {
    if (!this.checksShell(result.templates) || languageOf(name) !== 'bash') return;
    if (!this.shellFaults.has(result.text)) this.shellFaults.set(result.text, shellFault(result.text));
    const fault = this.shellFaults.get(result.text);
    if (fault === undefined) return;
    const error = new ScriptTextError(
      {
        code: 'ShellSyntax',
        template: name,
        problem: fault.isTakenByBash
          ? `the bash here takes this, others may not: ${fault.problem}`
          : `bash cannot read this: ${fault.problem}`,
        remedy: `correct it, or have the line '${NO_SYNTAX_CHECK}' in the template, with which the script is not parsed`,
      },
      fault.offset,
    );
    const located = this.located(error, name, context, (segments, offset) => sourceOffset(this.escaping, segments(), offset));
    if (!fault.isTakenByBash) throw located;
    result.warnings.push(located.message);
  }

  private run(environment: DialectEnvironment, script: Output, name: string, context: { readonly [key: string]: unknown } | Dict): string {
    const template = environment.load(name);
    if (template === undefined) throw this.notFound([name]);
    const isPython = context instanceof Dict && this.missingKeys === 'none';
    const values = isPython ? context : new ContextValues(context, { missingKeys: this.missingKeys, declared: this.declaredKeys });
    const scope = new Scope(null);
    scope.set('context', values);
    scope.set('ns', new Namespace(new Map([['template_already_included', []]]), true));
    return template.run(new Runtime(environment, script), new Scope(scope));
  }

  /** The error with the place of the text in its template. That is found by rendering once more, so that only errors pay for it. */
  private located(
    error: ScriptTextError,
    name: string,
    context: { readonly [key: string]: unknown } | Dict,
    inSource: (segments: () => readonly Segment[], offset: number) => number,
  ): TemplateError {
    const script = new LocatedScript(name);
    let place: TemplateLocation | undefined;
    try {
      const marked = this.run(this.newEnvironment(true), script, name, context);
      const segments = () => script.split(marked).map(({ segment }) => segment);
      place = script.placeAt(marked, inSource(segments, error.offset));
    } catch {
      // The first error is the one to tell.
      return error;
    }
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

function asTemplateError(error: unknown, template: string): unknown {
  const fault = asFault(error);
  if (!(fault instanceof TemplateFault)) return fault;
  return new TemplateError({ code: fault.code, template, problem: fault.problem, key: fault.key, remedy: fault.remedy }, { cause: error });
}

/** What a rendering gives; sizes are counted when they are asked for. */
class Rendering implements RenderResult {
  public readonly text: string;
  public readonly references: readonly VariableReference[];
  public readonly places = new Map<string, TemplateLocation>();
  public readonly warnings: string[] = [];
  private readonly measure: () => TemplatePart[];
  private measured: TemplatePart[] | undefined;

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
      if (segment.kind !== 'value') continue;
      const { value: printed, template, line } = segment;
      for (const value of printed instanceof ListValue ? (printed.items ?? []) : [printed]) {
        if (!(value instanceof VariableReference)) continue;
        if (!references.has(value.variable)) this.places.set(value.variable, { template, line });
        references.set(value.variable, value);
      }
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
    return (this.measured ??= this.measure());
  }
}
