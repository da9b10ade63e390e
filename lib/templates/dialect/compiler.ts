import { SyntaxFault, notInDialect } from '../fault';
import { filters } from './filters';
import { LOOP_ATTRIBUTES } from './loop';
import { methods } from './methods';
import { BaseCompiler, Node } from './nunjucks';
import { CALLS_INSTEAD, NAMES_INSTEAD, requireKnownName } from './refused';
import { FUNCTIONS } from './runtime';
import { Scopes } from './scopes';

const quote = JSON.stringify;
type Expression = (compiler: DialectCompiler, node: Node) => string;

const calculation =
  (operator: string): Expression =>
  (compiler, node) =>
    compiler.at(node, `rt.operations.calculate("${operator}", ${compiler.list([node.left, node.right])})`);

const refused =
  (operator: string, remedy: string): Expression =>
  (_, { lineno }) => {
    throw notInDialect(lineno, `the operator ${operator}`, remedy);
  };

/** The code of each kind of expression. */
const expressions: Readonly<Record<string, Expression>> = {
  Literal: (_, { value }) => quote(value),
  Symbol: (compiler, node) => compiler.symbol(node),
  Array: (compiler, { children }) => `[${compiler.list(children)}]`,
  Tuple: (compiler, { children }) => `rt.Tuple.of(${compiler.list(children)})`,
  Dict: (compiler, node) => compiler.at(node, `rt.dict([${compiler.pairs(node.children, (key) => compiler.code(key))}])`),
  And: (compiler, { left, right }) => `(rt.operations.truthy(t = ${compiler.code(left)}) ? ${compiler.code(right)} : t)`,
  Or: (compiler, { left, right }) => `(rt.operations.truthy(t = ${compiler.code(left)}) ? t : ${compiler.code(right)})`,
  Not: (compiler, { target }) => `!${compiler.condition(target)}`,
  Neg: (compiler, node) => compiler.at(node, `rt.operations.calculate("-", 0, ${compiler.code(node.target)})`),
  Add: calculation('+'),
  Sub: calculation('-'),
  Mul: calculation('*'),
  Div: refused('/', 'calculate in the script'),
  FloorDiv: refused('//', 'calculate in the script'),
  Mod: refused('%', 'join texts with ~; calculate in the script'),
  Pow: refused('**', 'write the number'),
  Pos: refused('+ before a value', 'leave it out'),
  Join: (compiler, node) => compiler.at(node, `rt.join([${compiler.list(node.children)}], T, ${node.lineno + 1})`),
  Comparison: (compiler, node) =>
    compiler.at(node, `rt.operations.comparisons[${quote(node.value)}](${compiler.list([node.left, node.right])})`),
  Is: (compiler, node) => compiler.at(node, `rt.operations.tests[${quote(node.right.value)}](${compiler.code(node.left)})`),
  InlineIf: (compiler, { cond, body, else_ }) =>
    `(${compiler.condition(cond)} ? ${compiler.code(body)} : ${else_ ? compiler.code(else_) : 'rt.nothing'})`,
  LookupVal: (compiler, node) => compiler.at(node, `rt.item(${compiler.list([node.target, node.val])})`),
  Attribute: (compiler, node) => compiler.attribute(node),
  Slice: (compiler, node) => compiler.at(node, `rt.operations.slice(${compiler.list([node.target, node.left, node.right])})`),
  FunCall: (compiler, node) => (node.name.typename === 'Attribute' ? compiler.method(node, node.name) : compiler.call(node)),
  Filter: (compiler, node) => compiler.filter(node),
};

/**
 * nunjucks' code generator, with code that calls Jinja2's semantics. What is made is the body of a function of `rt` (the
 * {@link Runtime}), `T` (the name of the template) and `s0` (its scope).
 */
export class DialectCompiler extends BaseCompiler {
  /** The JavaScript variables of the innermost scope and loop. */
  private scope = 's0';
  private loop: string | undefined;
  private readonly scopes = new Scopes();
  /** The line that `line` has where code is being made; 0 where that is not known. */
  private line = 0;

  public constructor(
    name: string,
    /** Whether rendering tells where each piece of text stands, which takes time and is needed for errors alone. */
    private readonly locatesText: boolean,
  ) {
    super(name, false);
  }

  // --- statements

  protected compileRoot(node: Node): void {
    this._emitLine('let output = "", line = 1, t; try {');
    this.within('s0', [], () => this._compileChildren(node));
    this._emitLine('return output; } catch (e) { throw rt.locate(e, T, line); }');
  }

  protected compileOutput({ children: [child] }: Node): void {
    const line = child.lineno + 1;
    if (child.typename === 'TemplateData') {
      const text = quote(child.value);
      this._emitLine(`output += ${this.locatesText ? `rt.textAt(${text}, T, ${line})` : text};`);
    } else this._emitLine(`${this.begin(child)} output += rt.emit(${this.code(child)}, T, ${line}, ${quote(contextKey(child))});`);
  }

  /** One block after the other: a chain of thousands of elif must not nest. */
  protected compileIf(node: Node): void {
    const label = this._tmpid();
    this._emitLine(`${label}: {`);
    const blocks: (() => void)[] = [];
    let branch: Node | null = node;
    for (; branch?.typename === 'If'; branch = branch.else_) {
      const { cond, body } = branch;
      const start = branch;
      blocks.push(() => {
        this._emitLine(`${this.begin(start)} if (${this.condition(cond)}) {`);
        this.compile(body);
        this._emitLine(`break ${label}; }`);
      });
    }
    const last = branch;
    if (last) blocks.push(() => this.compile(last));
    this.scopes.alternatives(blocks);
    this._emitLine('}');
  }

  protected compileFor(node: Node): void {
    const loop = this._tmpid();
    const item = this._tmpid();
    const names = node.name.typename === 'Tuple' ? node.name.children : [node.name];
    this._emit(`${this.begin(node)} const ${loop} = new rt.Loop(${this.code(node.arr)}, `);
    if (!node.cond) this._emitLine('null);');
    else {
      this.scoped(`(${item}) => {`, ` });`, names, () => {
        this.assign(node.name, item);
        this._emitLine(`return ${this.condition(node.cond)};`);
      });
    }
    this.scoped(`while (${loop}.advance()) {`, `${this.begin(node)} }`, names, () => {
      const outer = this.loop;
      this.assign(node.name, `${loop}.item`);
      this.loop = loop;
      this.compile(node.body);
      this.loop = outer;
    });
    if (node.else_) this.scoped(`if (${loop}.index0 < 0) {`, '}', [], () => this.compile(node.else_!));
  }

  protected compileSet(node: Node): void {
    const [target, second] = node.targets;
    if (second) throw notInDialect(node.lineno, 'a {% set %} of several names', 'write one {% set %} for each');
    const name = target.typename === 'Attribute' ? target.target : target;
    if (name.typename !== 'Symbol') throw new SyntaxFault(node.lineno, 'only names can be assigned', 'assign to a name');
    this._emitLine(this.begin(node));
    const value = node.value as Node | null;
    this.assign(target, value ? this.code(value) : `rt.capture(${this.scope}, ${this.renderer(node.body.body)})`);
  }

  protected compileWith(node: Node): void {
    this._emitLine(this.begin(node));
    const values = (node.value as Node[]).map((value) => this.code(value));
    this.scoped('{', '}', node.targets, () => {
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
    const parameters = node.args.children.map((child) => (child.typename === 'Pair' ? child : { key: child, value: null }));
    const names = parameters.map(({ key }) => key.value as string);
    if (parameters.some(({ key }) => key.typename !== 'Symbol'))
      throw new SyntaxFault(node.lineno, 'a parameter of a macro is no name', 'name each');
    const fallbacks = parameters.map(({ value }) =>
      value === null ? 'null' : this.within('s1', names, () => `(s1) => ${this.code(value as Node)}`),
    );
    const name = String(node.name.value);
    this.scopes.assign(name, node.lineno);
    const macro = `${quote(name)}, ${quote(names)}, [${fallbacks.join(', ')}], ${this.scope}, ${this.renderer(node.body, names)}`;
    this._emitLine(`${this.scope}.set(${quote(name)}, rt.macro(${macro}));`);
  }

  protected compileInclude(node: Node): void {
    this._emitLine(`${this.begin(node)} output += rt.include(${this.code(node.template)}, ${this.scope}, ${node.ignoreMissing === true});`);
  }

  /** Compiles what has another scope, with the names that it binds. */
  private within<Result>(scope: string, bound: readonly string[], compile: () => Result): Result {
    const { scope: outer, line } = this;
    this.scope = scope;
    const result = this.scopes.within(bound, compile);
    this.scope = outer;
    // What ran in between may have come from another line.
    this.line = line === this.line ? line : 0;
    return result;
  }

  /** Code of a body in a scope of its own. */
  private scoped(start: string, end: string, bound: readonly Node[], compile: () => void): void {
    const scope = this._tmpid();
    this._emitLine(`${start} const ${scope} = new rt.Scope(${this.scope});`);
    const names = bound.map(({ value }) => value as string);
    this.within(scope, names, compile);
    this._emitLine(end);
  }

  /** A function of a scope that gives the text of a body. */
  private renderer(body: Node, bound: readonly string[] = []): string {
    const outer = this.codebuf;
    this.codebuf = [];
    const scope = this._tmpid();
    this.within(scope, bound, () => this.compile(body));
    const code = this.codebuf.join('');
    this.codebuf = outer;
    return `(${scope}) => { let output = "", t; const from = line; try {\n${code}line = from; return output; } catch (e) { throw rt.locate(e, T, line); } }`;
  }

  /** Assigns to a name, an attribute of a namespace, or the names of a loop. */
  private assign(target: Node, value: string): void {
    if (target.typename === 'Tuple') {
      const items = this._tmpid();
      this._emitLine(`const ${items} = rt.unpack(${value}, ${target.children.length});`);
      target.children.forEach((each, index) => this.assign(each, `${items}[${index}]`));
    } else if (target.typename === 'Attribute') this._emitLine(`rt.assign(${this.code(target.target)}, ${quote(target.value)}, ${value});`);
    else {
      if (target.value === 'loop') throw notInDialect(target.lineno, 'a variable named loop', 'use another name');
      this.scopes.assign(target.value as string, target.lineno);
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
    return ['Not', 'Comparison', 'Is'].includes(typename) ? this.code(node) : `rt.operations.truthy(${this.code(node)})`;
  }

  public symbol(node: Node): string {
    const name = node.value as string;
    if (Object.hasOwn(NAMES_INSTEAD, name)) throw notInDialect(node.lineno, name, NAMES_INSTEAD[name]);
    this.scopes.read(name);
    return this.at(node, `rt.named(${this.scope}.get(${quote(name)}), ${quote(name)})`);
  }

  public attribute(node: Node): string {
    const { target, value } = node;
    const name = value as string;
    if (target.typename === 'Symbol' && target.value === 'loop') {
      requireKnownName('attribute of loop', name, node.lineno, Object.keys(LOOP_ATTRIBUTES));
      if (this.loop !== undefined) return LOOP_ATTRIBUTES[name](this.loop);
      throw notInDialect(node.lineno, 'loop outside of a loop of this template', 'give the value a name in the loop');
    }
    if (Object.hasOwn(methods, name)) throw notInDialect(node.lineno, `.${name} without a call`, `write ["${name}"] for the key`);
    return this.at(node, `rt.attribute(${this.code(target)}, ${quote(name)})`);
  }

  public method(node: Node, { target, value }: Node): string {
    const name = value as string;
    requireKnownName('method', name, node.lineno, Object.keys(methods));
    const [, least, most] = methods[name];
    const values = this.arguments(node, `.${name}()`, node.args.children, least, most);
    if (name === 'get') return this.at(node, `rt.get(${[this.code(target), ...values].join(', ')})`);
    return this.at(node, `rt.method(${this.code(target)}, ${quote(name)}, [${values.join(', ')}])`);
  }

  private arguments({ lineno }: Node, what: string, given: readonly Node[], least: number, most: number): string[] {
    if (given.at(-1)?.typename === 'Pair') throw notInDialect(lineno, `a named argument of ${what}`, 'pass it by its place');
    if (given.length >= least && given.length <= most) return given.map((value) => this.code(value));
    const expected = least === most ? String(least) : `${least} to ${most}`;
    throw notInDialect(lineno, `${what} with ${given.length} argument(s)`, `give it ${expected}`);
  }

  public call(node: Node): string {
    const { name: callee, args, lineno } = node;
    if (callee.typename !== 'Symbol') throw notInDialect(lineno, 'a call of this expression', `call a macro, or ${FUNCTIONS.join(', ')}`);
    const name = callee.value as string;
    if (Object.hasOwn(CALLS_INSTEAD, name)) throw notInDialect(lineno, `${name}()`, CALLS_INSTEAD[name]);
    this.scopes.read(name);
    const named = args.children.filter(({ typename }) => typename === 'Pair');
    const values = args.children.slice(0, args.children.length - named.length);
    if (name === 'range') this.arguments(node, 'range()', args.children, 1, 2);
    else if (name === 'namespace' && values.length > 0)
      throw notInDialect(lineno, 'an argument of namespace() without a name', 'write name=value');
    const pairs = named.length > 0 ? `, new Map([${this.pairs(named, ({ value }) => quote(value))}])` : '';
    return this.at(node, `rt.call(${this.scope}.get(${quote(name)}), ${quote(name)}, [${this.list(values)}]${pairs})`);
  }

  public filter(node: Node): string {
    const name = node.name.value as string;
    requireKnownName('filter', name, node.lineno, Object.keys(filters));
    const [subject, ...given] = node.args.children;
    const [least, most] = filters[name];
    const values = this.arguments(node, `the filter ${name}`, given, least, most);
    return this.at(node, `rt.operations.filters.${name}[2](rt, ${[this.code(subject), ...values].join(', ')})`);
  }
}

/** The key, when an expression is simply a look-up of it: for error messages. */
function contextKey({ typename, name, args }: Node): string | undefined {
  if (typename !== 'FunCall' || name.typename !== 'Attribute' || name.value !== 'get' || name.target.value !== 'context') return undefined;
  const [key] = args.children;
  return key?.typename === 'Literal' && typeof key.value === 'string' ? key.value : undefined;
}
