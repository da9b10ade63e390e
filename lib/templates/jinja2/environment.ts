import { TemplateError } from '../template-error';
import { JinjaCompiler, operations } from './compiler';
import { TemplateFault } from './fault';
import { Filter, Test, filters } from './filters';
import { LexerOptions } from './lexer';
import { deepestLine } from './nodes';
import { BaseEnvironment, Environment, Template } from './nunjucks';
import * as operators from './operators';
import { JinjaParser } from './parser';
import { CompiledTemplate, Host, globals, safe } from './runtime';
import { tests } from './tests';
import { Dict, Float, Tuple } from './values';

const operationTable = Object.fromEntries(operations.map((name) => [name, (operators as Record<string, unknown>)[name]]));
const filterTable = { ...Object.fromEntries(filters), safe };
const testTable = Object.fromEntries(tests);
const globalTable = Object.fromEntries(globals);
const valueClasses = { Float, Tuple, Dict };

interface TemplateOptions extends LexerOptions {
  /** Whether rendering tells where each piece of text stands, which takes time and is needed for errors alone. */
  readonly locatesText: boolean;
}

/**
 * A template that compiles with Jinja2's semantics. nunjucks compiles an included template late and loses its errors;
 * here compiling is always asked for, and an error surfaces where it is asked.
 *
 * @internal
 */
export class JinjaTemplate extends Template {
  declare public compiled: boolean;
  declare private code: CompiledTemplate;

  public constructor(
    source: string,
    environment: BaseEnvironment,
    name: string,
    private readonly options: TemplateOptions,
  ) {
    super(source, environment, name, false);
  }

  public get functions(): CompiledTemplate {
    this.compile();
    return this.code;
  }

  public _compile(): void {
    const tree = new JinjaParser(this.tmplStr, this.path, this.options).parseTemplate();
    try {
      const source = new JinjaCompiler(this.path, tree, this.options.locatesText).compileTemplate();
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- how nunjucks runs templates; the source is made by the compiler from its own tree
      const define = new Function('operations', 'values', source) as (
        operationsOf: object,
        classes: object,
      ) => Omit<CompiledTemplate, 'name'>;
      this.code = { ...define(operationTable, valueClasses), name: this.path };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new TemplateError({
        code: 'TemplateSyntax',
        template: this.path,
        line: deepestLine(tree.root) + 1,
        problem: 'the template is nested too deeply',
        remedy: 'split it into several templates',
      });
    }
    this.compiled = true;
  }
}

/** Where templates come from. */
export interface TemplateSource {
  /** The text of a template; undefined when there is none of this name. */
  read(name: string): string | undefined;
  notFound(names: readonly string[]): TemplateFault;
}

/**
 * nunjucks' environment with Jinja2's filters, tests and globals in place of its own. Templates are compiled once.
 *
 * @internal
 */
export class JinjaEnvironment extends Environment implements Host {
  public readonly contextual: boolean;
  public readonly strict: boolean;
  private readonly compiledTemplates = new Map<string, JinjaTemplate>();

  public constructor(
    private readonly source: TemplateSource,
    private readonly options: TemplateOptions & { readonly contextual: boolean; readonly strict: boolean },
  ) {
    super([], { autoescape: false });
    this.contextual = options.contextual;
    this.strict = options.strict;
    this.filters = filterTable;
    this.tests = testTable;
    this.globals = globalTable;
  }

  public filter(name: string): Filter {
    const filter = name === 'safe' ? safe : filters.get(name);
    if (!filter) throw new TemplateFault('UnknownFilter', `there is no filter named '${name}'`, 'correct the name');
    return filter;
  }

  public test(name: string): Test {
    const test = tests.get(name);
    if (!test) throw new TemplateFault('UnknownTest', `there is no test named '${name}'`, 'correct the name');
    return test;
  }

  public load(name: string): CompiledTemplate | undefined {
    // Asked every time: the source notes which templates a rendering reads.
    const text = this.source.read(name);
    if (text === undefined) return undefined;
    let template = this.compiledTemplates.get(name);
    if (!template) {
      template = new JinjaTemplate(text, this, name, this.options);
      this.compiledTemplates.set(name, template);
    }
    return template.functions;
  }

  public notFound(names: readonly string[]): TemplateFault {
    return this.source.notFound(names);
  }
}
