import { SyntaxFault, notInDialect } from '../fault';
import { filters } from './filters';
import { LOOP_ATTRIBUTES } from './loop';
import { METHODS, unknownReplacement } from './methods';
import { assignedIn, namesIn } from './names';
import { BaseCompiler, Node } from './nunjucks';
import { unknownFormat } from './operators';
import { NAMES_INSTEAD, requireKnownName } from './refused';
import { FUNCTIONS } from './runtime';
import { tests } from './tests';

/** Statements of the dialect; expressions are those below. */
const STATEMENTS = new Set(['Root', 'NodeList', 'Output', 'If', 'For', 'Set', 'With', 'Do', 'Macro', 'Include']);
const quote = JSON.stringify;
type Expression = (compiler: DialectCompiler, node: Node) => string;

const arithmetic =
  (operator: string): Expression =>
  (compiler, node) => {
    const { left, right } = node;
    const isFormat = operator === '%' && left.typename === 'Literal' && typeof left.value === 'string';
    const unknown = isFormat ? unknownFormat(left.value as string) : undefined;
    if (unknown !== undefined) throw notInDialect(node.lineno, `'${unknown}' in a format`, 'use %s, %d and %%');
    return compiler.at(node, `rt.operations.calculate(${quote(operator)}, ${compiler.list([left, right])})`);
  };

/** The code of each kind of expression: what is not here is not part of the dialect. */
const expressions: Readonly<Record<string, Expression>> = {
  Literal: (_, { value }) => quote(value),
  Symbol: (compiler, node) => compiler.symbol(node),
  Array: (compiler, { children }) => `[${compiler.list(children)}]`,
  Tuple: (compiler, { children }) => `rt.Tuple.holding(${compiler.list(children)})`,
  Dict: (compiler, node) => compiler.at(node, `rt.dict([${compiler.pairs(node.children, (key) => compiler.code(key))}])`),
  And: (compiler, { left, right }) => `(rt.operations.truthy(t = ${compiler.code(left)}) ? ${compiler.code(right)} : t)`,
  Or: (compiler, { left, right }) => `(rt.operations.truthy(t = ${compiler.code(left)}) ? t : ${compiler.code(right)})`,
  Not: (compiler, { target }) => `!${compiler.condition(target)}`,
  Neg: (compiler, node) => compiler.at(node, `rt.operations.negative(${compiler.code(node.target)})`),
  Add: arithmetic('+'),
  Sub: arithmetic('-'),
  Mul: arithmetic('*'),
  FloorDiv: arithmetic('//'),
  Mod: arithmetic('%'),
  Join: (compiler, node) => compiler.at(node, `rt.join([${compiler.list(node.children)}], T, ${node.lineno + 1})`),
  Compare: (compiler, node) => compiler.comparison(node),
  Is: (compiler, node) => compiler.test(node),
  InlineIf: (compiler, { cond, body, else_ }) =>
    `(${compiler.condition(cond)} ? ${compiler.code(body)} : ${else_ ? compiler.code(else_) : 'rt.nothing'})`,
  LookupVal: (compiler, node) => compiler.at(node, `rt.item(${compiler.list([node.target, node.val])})`),
  Attribute: (compiler, node) => compiler.attribute(node),
  Slice: (compiler, node) => compiler.at(node, `rt.operations.slice(${compiler.list([node.target, node.left, node.right])})`),
  Nothing: () => 'undefined',
  FunCall: (compiler, node) => (node.name.typename === 'Attribute' ? compiler.method(node, node.name) : compiler.call(node)),
  Filter: (compiler, node) => compiler.filter(node),
};

/**
 * nunjucks' code generator, with code that calls Jinja2's semantics. What is made is the body of a function of `rt` (the
 * {@link Runtime}), `T` (the name of the template) and `s0` (its scope).
 */
export class DialectCompiler extends BaseCompiler {
  /** The JavaScript variable of the innermost scope, and the names that it and those around it mention. */
  private scope = 's0';
  private names: ReadonlySet<unknown> = new Set();
  /** The line that `line` has where code is being made; 0 where that is not known. */
  private line = 0;

  public constructor(
    name: string,
    /** Whether rendering tells where each piece of text stands, which takes time and is needed for errors alone. */
    private readonly locatesText: boolean,
  ) {
    super(name, false);
  }

  public override compile(node: Node): void {
    if (!STATEMENTS.has(node.typename)) throw notInDialect(node.lineno, node.typename, 'see docs/templates.md for what there is');
    super.compile(node);
  }

  // --- statements

  protected compileRoot(node: Node): void {
    this._emitLine('let output = "", line = 1, t; try {');
    this.within('s0', node, [], () => this._compileChildren(node));
    this._emitLine('return output; } catch (e) { throw rt.locate(e, T, line); }');
  }

  protected compileOutput({ children: [child] }: Node): void {
    const line = child.lineno + 1;
    if (child.typename !== 'TemplateData') {
      const key = contextKey(child);
      this._emitLine(
        `${this.begin(child)} output += rt.emit(${this.code(child)}, T, ${line}${key === undefined ? '' : `, ${quote(key)}`});`,
      );
    } else this._emitLine(`output += ${this.locatesText ? `rt.textAt(${quote(child.value)}, T, ${line})` : quote(child.value)};`);
  }

  /** One block after the other: a chain of thousands of elif must not nest. */
  protected compileIf(node: Node): void {
    const label = this._tmpid();
    this._emitLine(`${label}: {`);
    let branch: Node | null = node;
    for (; branch?.typename === 'If'; branch = branch.else_) {
      this._emitLine(`${this.begin(branch)} if (${this.condition(branch.cond)}) {`);
      this.compile(branch.body);
      this._emitLine(`break ${label}; }`);
    }
    if (branch) this.compile(branch);
    this._emitLine('}');
  }

  protected compileFor(node: Node): void {
    const loop = this._tmpid();
    const item = this._tmpid();
    this._emit(`${this.begin(node)} const ${loop} = new rt.Loop(${this.code(node.arr)}, `);
    if (!node.cond) this._emitLine('null);');
    else {
      this.scoped(`(${item}) => {`, ` });`, null, [], () => {
        this.assign(node.name, item);
        this._emitLine(`return ${this.condition(node.cond)};`);
      });
    }
    this.scoped(`while (${loop}.advance()) {`, `${this.begin(node)} }`, node.body, [...namesIn(node.name), 'loop'], (scope) => {
      this.assign(node.name, `${loop}.item`);
      // As in Jinja2 an included template sees loop only where the loop itself mentions it.
      if (namesIn(node.body).includes('loop')) this._emitLine(`${scope}.set("loop", ${loop});`);
      this.compile(node.body);
    });
    if (node.else_) this.scoped(`if (${loop}.isEmpty) {`, '}', node.else_, [], () => this.compile(node.else_!));
  }

  protected compileSet(node: Node): void {
    this._emitLine(this.begin(node));
    if (node.body) this.assign(node.targets[0], `rt.capture(${this.scope}, ${this.renderer(node.body)})`);
    else this.assign(node.targets.length > 1 ? node.targets : node.targets[0], this.code(node.value as Node));
  }

  protected compileWith(node: Node): void {
    this._emitLine(this.begin(node));
    const values = (node.value as Node[]).map((value) => this.code(value));
    this.scoped('{', '}', node.body, namesIn(node.targets), () => {
      node.targets.forEach((target, index) => this.assign(target, values[index]));
      this.compile(node.body);
    });
  }

  protected compileDo(node: Node): void {
    this._emitLine(`${this.begin(node)} ${this.code(node.expr)};`);
  }

  protected compileMacro(node: Node): void {
    if (this.scope !== 's0') {
      throw notInDialect(node.lineno, 'a {% macro %} inside of a loop, with, macro or block set', 'define it at the top of the template');
    }
    const names: unknown[] = [];
    const fallbacks: string[] = [];
    for (const child of node.args.children) {
      for (const { key, value } of child.typename === 'KeywordArgs' ? child.children : [{ key: child, value: null }]) {
        names.push(key.value);
        fallbacks.push(value ? this.within('s1', null, [], () => `(s1) => ${this.code(value as Node)}`) : 'null');
      }
    }
    const name = quote(node.name.value);
    const body = this.renderer(node.body, names);
    this._emitLine(`${this.scope}.set(${name}, rt.macro(${name}, ${quote(names)}, [${fallbacks.join(', ')}], ${this.scope}, ${body}));`);
  }

  protected compileInclude(node: Node): void {
    this._emitLine(`${this.begin(node)} output += rt.include(${this.code(node.template)}, ${this.scope}, ${node.ignoreMissing === true});`);
  }

  /** Compiles a body whose scope is another, with the names that it binds. */
  private within<Result>(scope: string, body: Node | null, bound: readonly unknown[], compile: () => Result): Result {
    const { scope: outer, line, names } = this;
    const read = new Set(bound);
    const assigned = body ? assignedIn(body, read) : [];
    const hidden = assigned.filter((name) => !names.has(name));
    if (hidden.length > 0) this._emitLine(`${scope}.hide(${quote(hidden)});`);
    this.names = new Set([...names, ...read, ...assigned]);
    this.scope = scope;
    const result = compile();
    this.scope = outer;
    this.names = names;
    // What ran in between may have come from another line.
    this.line = line === this.line ? line : 0;
    return result;
  }

  /** Code of a body in a scope of its own. */
  private scoped(start: string, end: string, body: Node | null, bound: unknown[], compile: (scope: string) => void): void {
    const scope = this._tmpid();
    this._emitLine(`${start} const ${scope} = new rt.Scope(${this.scope});`);
    this.within(scope, body, bound, () => compile(scope));
    this._emitLine(end);
  }

  /** A function of a scope that gives the text of a body. */
  private renderer(body: Node, bound: unknown[] = []): string {
    const outer = this.codebuf;
    this.codebuf = [];
    const scope = this._tmpid();
    this.within(scope, body, bound, () => this.compile(body));
    const code = this.codebuf.join('');
    this.codebuf = outer;
    return `(${scope}) => { let output = "", t; const from = line; try {\n${code}line = from; return output; } catch (e) { throw rt.locate(e, T, line); } }`;
  }

  /** Assigns to a name, an attribute of a namespace, or several of them. */
  private assign(target: Node | readonly Node[], value: string): void {
    if ('length' in target || target.typename === 'Tuple') {
      const targets = 'length' in target ? target : target.children;
      const items = this._tmpid();
      this._emitLine(`const ${items} = rt.unpack(${value}, ${targets.length});`);
      targets.forEach((each, index) => this.assign(each, `${items}[${index}]`));
    } else if (target.typename === 'Attribute') this._emitLine(`rt.assign(${this.code(target.target)}, ${quote(target.value)}, ${value});`);
    else {
      if (target.value === 'loop') throw notInDialect(target.lineno, 'a variable named loop', 'use another name');
      this._emitLine(`${this.scope}.set(${quote(target.value)}, ${value});`);
    }
  }

  /** The line of a statement, for errors in it. */
  private begin(node: Node): string {
    this.line = node.lineno + 1;
    return `line = ${this.line};`;
  }

  // --- expressions

  public code(node: Node): string {
    if (!Object.hasOwn(expressions, node.typename))
      throw notInDialect(node.lineno, node.typename, 'see docs/templates.md for what there is');
    return expressions[node.typename](this, node);
  }

  public list(nodes: readonly Node[]): string {
    return nodes.map((node) => this.code(node)).join(', ');
  }

  public pairs(pairs: readonly Node[], keyOf: (key: Node) => string): string {
    return pairs.map(({ key, value }) => `[${keyOf(key)}, ${this.code(value as Node)}]`).join(', ');
  }

  /** Code that can fail: an error in it names the line of the node. */
  public at(node: Node, code: string): string {
    return node.lineno + 1 === this.line ? code : `(line = ${node.lineno + 1}, ${code})`;
  }

  /** The code of a boolean. */
  public condition(node: Node): string {
    const { typename, left, right } = node;
    if (typename === 'And' || typename === 'Or')
      return `(${this.condition(left)} ${typename === 'And' ? '&&' : '||'} ${this.condition(right)})`;
    return ['Not', 'Compare', 'Is'].includes(typename) ? this.code(node) : `rt.operations.truthy(${this.code(node)})`;
  }

  public symbol(node: Node): string {
    const name = node.value as string;
    if (Object.hasOwn(NAMES_INSTEAD, name)) throw notInDialect(node.lineno, name, NAMES_INSTEAD[name]);
    return this.at(node, `rt.named(${this.scope}.get(${quote(name)}), ${quote(name)})`);
  }

  public comparison(node: Node): string {
    const [{ type, expr }] = node.ops;
    if (node.ops.length > 1)
      throw notInDialect(node.lineno, 'a comparison of three values', 'compare two, and join the comparisons with and');
    return this.at(
      node,
      type === '=='
        ? `rt.operations.equals(${this.list([node.expr, expr])})`
        : `rt.operations.compare(${quote(type)}, ${this.list([node.expr, expr])})`,
    );
  }

  public attribute(node: Node): string {
    const { target, value } = node;
    if (target.typename === 'Symbol' && target.value === 'loop')
      requireKnownName('attribute of loop', value, node.lineno, Object.keys(LOOP_ATTRIBUTES));
    return this.at(node, `rt.attribute(${this.code(target)}, ${quote(value)})`);
  }

  public method(node: Node, { target, value }: Node): string {
    requireKnownName('method', value, node.lineno, METHODS);
    const name = value as string;
    const values = node.args.children;
    if (values.at(-1)?.typename === 'KeywordArgs')
      throw notInDialect(node.lineno, `a named argument of .${name}()`, 'pass it by its place');
    const format = target.typename === 'Literal' && name === 'format' ? unknownReplacement(String(target.value)) : undefined;
    if (format !== undefined) throw notInDialect(node.lineno, `'${format}' in a format`, 'use {}, {{ and }}');
    const isGet = name === 'get' && (values.length === 1 || values.length === 2);
    const object = this.code(target);
    return this.at(
      node,
      isGet ? `rt.get(${object}, ${this.list(values)})` : `rt.method(${object}, ${quote(name)}, [${this.list(values)}])`,
    );
  }

  public call(node: Node): string {
    const { name: callee, args, lineno } = node;
    if (callee.typename !== 'Symbol') throw notInDialect(lineno, 'a call of this expression', `call a macro, or ${FUNCTIONS.join(', ')}`);
    const name = callee.value as string;
    const instead =
      name === 'loop' ? 'use a macro that calls itself' : Object.hasOwn(NAMES_INSTEAD, name) ? NAMES_INSTEAD[name] : undefined;
    if (instead !== undefined) throw notInDialect(lineno, `${name}()`, instead);
    const named = args.children.find(({ typename }) => typename === 'KeywordArgs');
    const values = this.list(args.children.filter((child) => child !== named));
    const pairs = named ? `, new Map([${this.pairs(named.children, ({ value }) => quote(value))}])` : '';
    return this.at(node, `rt.call(${this.scope}.get(${quote(name)}), ${quote(name)}, [${values}]${pairs})`);
  }

  public filter(node: Node): string {
    const name = node.name.value as string;
    requireKnownName('filter', name, node.lineno, Object.keys(filters));
    const [subject, ...rest] = node.args.children;
    const { parameters } = filters[name];
    const refused = (what: string): SyntaxFault =>
      notInDialect(
        node.lineno,
        `${what} of the filter ${name}`,
        parameters.length === 0 ? 'it takes none' : `it takes ${parameters.join(', ')}`,
      );
    const given: string[] = [];
    for (const child of rest) {
      for (const { key, value } of child.typename === 'KeywordArgs' ? child.children : [{ key: null, value: child }]) {
        const index = key === null ? given.length : parameters.indexOf(key.value as string);
        if (index < 0 || index >= parameters.length || given[index] !== undefined)
          throw refused(key === null ? 'so many arguments' : `the argument ${String(key.value)}`);
        given[index] = this.code(value as Node);
      }
    }
    // Filters and tests that map and select name are known when their names are literals.
    if (name === 'map' && rest[0]?.typename === 'Literal') requireKnownName('filter', rest[0].value, node.lineno, Object.keys(filters));
    const test = /^(select|reject)/.test(name) ? rest[name.endsWith('attr') ? 1 : 0] : undefined;
    if (test?.typename === 'Literal') requireKnownName('test', test.value, node.lineno, Object.keys(tests));
    const values = Array.from(given, (code) => `, ${code ?? 'undefined'}`).join('');
    return this.at(node, `rt.operations.filters.${name}.call(rt, ${this.code(subject)}${values})`);
  }

  public test(node: Node): string {
    const { name, args } = node.right;
    requireKnownName('test', name.value, node.lineno, Object.keys(tests));
    const [count] = tests[name.value as string];
    if (args.children.length !== count || args.children[0]?.typename === 'KeywordArgs')
      throw notInDialect(node.lineno, `the test ${String(name.value)} with ${args.children.length} argument(s)`, `give it ${count}`);
    return this.at(node, `rt.operations.tests[${quote(name.value)}][1](${this.list([node.left, ...args.children])})`);
  }
}

/** The key, when an expression is simply a look-up of it: for error messages. */
function contextKey({ typename, name, args }: Node): string | undefined {
  if (typename !== 'FunCall' || name.typename !== 'Attribute' || name.value !== 'get' || name.target.value !== 'context') return undefined;
  const [key] = args.children;
  return key?.typename === 'Literal' && typeof key.value === 'string' ? key.value : undefined;
}
