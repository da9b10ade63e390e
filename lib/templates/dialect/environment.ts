import { TemplateError } from '../template-error';
import { DialectCompiler } from './compiler';
import { SyntaxFault, TemplateFault } from '../fault';
import { DialectParser } from './parser';
import type { Runtime, Scope } from './runtime';

/** @internal */
export interface EnvironmentOptions {
  /** Whether `${#` is text, as in a shell's `${#array[@]}`; Jinja2 opens a comment there. */
  readonly shellLengthIsText: boolean;
  /** Whether values are escaped for the script around them; false gives Jinja2's text as it is. */
  readonly contextual: boolean;
  /** Whether what does not exist is an error as soon as it is used. */
  readonly strict: boolean;
  /** Whether rendering tells where each piece of text stands. */
  readonly locatesText: boolean;
}

/** Where templates come from. */
export interface TemplateSource {
  /** The text of a template; undefined when there is none of this name. */
  read(name: string): string | undefined;
  notFound(names: readonly string[]): TemplateFault;
}

/** What a template compiles to. */
export interface CompiledTemplate {
  readonly name: string;
  readonly run: (runtime: Runtime, scope: Scope) => string;
}

/**
 * Templates, each compiled once. nunjucks' own environment is not used: it compiles an included template late, and loses
 * the error of that.
 *
 * @internal
 */
export class DialectEnvironment {
  private readonly compiled = new Map<string, CompiledTemplate>();

  public constructor(
    public readonly source: TemplateSource,
    public readonly options: EnvironmentOptions,
  ) {}

  public load(name: string): CompiledTemplate | undefined {
    // Asked every time: the source notes which templates a rendering reads.
    const text = this.source.read(name);
    if (text === undefined) return undefined;
    let template = this.compiled.get(name);
    if (!template) this.compiled.set(name, (template = this.compile(name, text)));
    return template;
  }

  private compile(name: string, source: string): CompiledTemplate {
    let parser: DialectParser | undefined;
    try {
      parser = new DialectParser(source, this.options.shellLengthIsText);
      const tree = parser.parseAsRoot();
      const compiler = new DialectCompiler(name, this.options.locatesText);
      compiler.compile(tree);
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- how nunjucks runs templates; the source is made by the compiler from its own tree
      const define = new Function('T', `return (rt, s0) => {${compiler.getCode()}}`) as (template: string) => CompiledTemplate['run'];
      return { name, run: define(name) };
    } catch (error) {
      const isDeep = error instanceof RangeError;
      if (!(error instanceof SyntaxFault) && !isDeep) throw error;
      const { problem, remedy, code, lineno } = isDeep
        ? new SyntaxFault(parser?.tokens.lineno ?? 0, 'the template is nested too deeply', 'split it into several templates')
        : error;
      throw new TemplateError({ code, template: name, line: lineno + 1, problem, remedy }, { cause: error });
    }
  }
}
