import { TemplateError } from '../template-error';
import { JinjaTokenizer, LexerOptions, LexicalError } from './lexer';
import {
  Arguments,
  Assign,
  AssignBlock,
  Attribute,
  BlockDefinition,
  Branch,
  Call,
  CallBlock,
  Conditional,
  Do,
  FilterBlock,
  FilterCall,
  ImportModule,
  ImportNames,
  ImportedName,
  Inclusion,
  Joined,
  Keyword,
  Loop,
  MacroDefinition,
  Name,
  NamespaceTarget,
  Slice,
  TemplateTree,
  TestCall,
  TupleLiteral,
  With,
} from './nodes';
import { AstNode, CompareOperand, NodeList, Parser, Token, lexer, nodes } from './nunjucks';
import { Float, integer } from './values';

/** Deepest nesting of expressions and tags. */
const MAX_DEPTH = 400;

const syntaxRemedy = 'correct the template: Jinja2 refuses it as well';
const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);
const constants = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

/**
 * nunjucks' parser with Jinja2's grammar: its precedence of operators, tuples, slices, tests, `for .. if`, namespaces,
 * `with`, `do`, block assignment and the options of include and import.
 *
 * @internal
 */
export class JinjaParser extends Parser {
  private depth = 0;
  private readonly blocks: BlockDefinition[] = [];
  private hasParent = false;
  private readonly namesRead = new Set<string>();
  private readonly namesAssigned = new Set<string>();
  private readonly openTags: { readonly name: string; readonly lineno: number }[] = [];

  public constructor(
    source: string,
    private readonly templateName: string,
    options: LexerOptions,
  ) {
    super(new JinjaTokenizer(source, options));
  }

  /** The whole template. */
  public parseTemplate(): TemplateTree {
    try {
      const root = this.parseAsRoot();
      const { blocks, hasParent, namesRead, namesAssigned } = this;
      return { root, blocks, hasParent, namesRead, namesAssigned };
    } catch (error) {
      if (error instanceof LexicalError) this.syntaxError(error.problem, error.lineno, error.remedy);
      if (error instanceof RangeError) this.syntaxError('the template is nested too deeply', undefined, 'split it into several templates');
      throw error;
    }
  }

  public override fail(message: string, lineno?: number): never {
    return this.syntaxError(message, lineno);
  }

  private syntaxError(problem: string, lineno?: number, remedy = syntaxRemedy): never {
    const line = lineno ?? this.peekedLine();
    throw new TemplateError({
      code: 'TemplateSyntax',
      template: this.templateName,
      line: line === undefined ? undefined : line + 1,
      problem,
      remedy,
    });
  }

  private peekedLine(): number | undefined {
    try {
      return this.peekToken()?.lineno;
    } catch {
      return undefined;
    }
  }

  private unsupported(problem: string, lineno: number, remedy: string): never {
    throw new TemplateError({ code: 'NotSupported', template: this.templateName, line: lineno + 1, problem, remedy });
  }

  // --- tokens

  private peek(): Token {
    const token = this.peekToken();
    return token ?? this.syntaxError('unexpected end of the template');
  }

  private take(): Token {
    const token = this.nextToken();
    return token ?? this.syntaxError('unexpected end of the template');
  }

  private isName(name: string): boolean {
    const token = this.peekToken();
    return token !== null && token.type === lexer.TOKEN_SYMBOL && token.value === name;
  }

  private isType(type: string): boolean {
    return this.peekToken()?.type === type;
  }

  private isOperator(symbol: string): boolean {
    const token = this.peekToken();
    return token !== null && token.value === symbol && token.type !== lexer.TOKEN_STRING && token.type !== lexer.TOKEN_SYMBOL;
  }

  private skipOperator(symbol: string): boolean {
    if (!this.isOperator(symbol)) return false;
    this.nextToken();
    return true;
  }

  private expectOperator(symbol: string): void {
    if (!this.skipOperator(symbol)) this.unexpected(`'${symbol}'`);
  }

  private expectName(): Token {
    const token = this.peek();
    if (token.type !== lexer.TOKEN_SYMBOL) this.unexpected('a name');
    return this.take();
  }

  private expectKeyword(name: string): void {
    if (!this.skipSymbol(name)) this.unexpected(`'${name}'`);
  }

  private unexpected(expected: string): never {
    const token = this.peekToken();
    const got = token === null ? 'the end of the template' : token.type === lexer.TOKEN_STRING ? 'a string' : `'${token.value}'`;
    return this.syntaxError(`expected ${expected}, got ${got}`, token?.lineno);
  }

  /** True when the two next tokens are these names; nothing is taken. */
  private isNamePair(first: string, ...second: string[]): boolean {
    if (!this.isName(first)) return false;
    const token = this.take();
    const follows = second.some((name) => this.isName(name));
    this.putBack(token);
    return follows;
  }

  /** nunjucks keeps one token of look-ahead; here a second one waits behind it. */
  private putBack(token: Token): void {
    const peeked = this.peekToken();
    if (peeked !== null) this.waiting.unshift(peeked);
    this.peeked = token;
  }

  private readonly waiting: Token[] = [];
  declare private peeked: Token | null;

  public override nextToken(): Token | null {
    if (this.peeked) {
      const token = this.peeked;
      this.peeked = null;
      return token;
    }
    // While the constructor of the base class runs the field does not exist yet.
    const waiting = this.waiting?.shift();
    if (waiting) return waiting;
    let token = this.tokens.nextToken();
    while (token !== null && token.type === lexer.TOKEN_WHITESPACE) token = this.tokens.nextToken();
    return token;
  }

  private nested<Result>(parse: () => Result): Result {
    if (++this.depth > MAX_DEPTH)
      this.syntaxError('the template is nested too deeply', undefined, 'split it into several templates or expressions');
    const result = parse();
    this.depth--;
    return result;
  }

  // --- text and tags

  public parseNodes(): AstNode[] {
    const found: AstNode[] = [];
    for (let token = this.nextToken(); token !== null; token = this.nextToken()) {
      if (token.type === lexer.TOKEN_DATA) {
        found.push(new nodes.Output(token.lineno, 0, [new nodes.TemplateData(token.lineno, 0, token.value)]));
      } else if (token.type === lexer.TOKEN_VARIABLE_START) {
        const expression = this.parseTuple();
        if (!this.skip(lexer.TOKEN_VARIABLE_END)) this.unexpected("'}}'");
        found.push(new nodes.Output(token.lineno, 0, [expression]));
      } else {
        const tag = this.peek();
        if (tag.type !== lexer.TOKEN_SYMBOL) this.unexpected('the name of a tag');
        if (this.breakOnBlocks?.includes(tag.value)) break;
        found.push(this.nested(() => this.parseTag(tag)));
        if (!this.skip(lexer.TOKEN_BLOCK_END)) this.unexpected("'%}'");
      }
    }
    return found;
  }

  private parseTag(tag: Token): AstNode {
    const parse = this.tagParsers[tag.value];
    if (!parse) this.unknownTag(tag);
    this.nextToken();
    this.openTags.push({ name: tag.value, lineno: tag.lineno });
    const node = parse(tag.lineno);
    this.openTags.pop();
    return node;
  }

  private readonly tagParsers: Record<string, ((lineno: number) => AstNode) | undefined> = {
    __proto__: null as never,
    block: (lineno) => this.parseBlockDefinition(lineno),
    call: (lineno) => this.parseCallBlock(lineno),
    do: (lineno) => new Do(lineno, this.parseTuple()),
    extends: (lineno) => {
      this.hasParent = true;
      return new nodes.Extends(lineno, 0, this.parseExpression());
    },
    filter: (lineno) => this.parseFilterBlock(lineno),
    for: (lineno) => this.parseLoop(lineno),
    from: (lineno) => this.parseImportNames(lineno),
    if: (lineno) => this.parseConditional(lineno),
    import: (lineno) => this.parseImportModule(lineno),
    include: (lineno) => this.parseInclusion(lineno),
    macro: (lineno) => this.parseMacroDefinition(lineno),
    print: (lineno) => this.parsePrint(lineno),
    set: (lineno) => this.parseAssignment(lineno),
    with: (lineno) => this.parseWithBlock(lineno),
  };

  private unknownTag(tag: Token): never {
    if (tag.value === 'autoescape') {
      this.unsupported(
        '{% autoescape %} is not supported',
        tag.lineno,
        'values are escaped for the script around them; use | safe for trusted text',
      );
    }
    const open = this.openTags.at(-1);
    const wanted = this.breakOnBlocks ? `; expected one of ${this.breakOnBlocks.map((name) => `{% ${name} %}`).join(', ')}` : '';
    const closes = open ? ` for the {% ${open.name} %} of line ${open.lineno + 1}` : '';
    const remedy = tag.value === 'break' || tag.value === 'continue' ? 'use {% for .. if .. %} or {% if %} inside the loop' : syntaxRemedy;
    return this.syntaxError(`unknown tag '${tag.value}'${wanted}${closes}`, tag.lineno, remedy);
  }

  /** The body of a tag, up to one of the end tags, which is taken. */
  private parseBody(...ends: string[]): { body: NodeList; end: Token } {
    this.skipOperator(':');
    if (!this.skip(lexer.TOKEN_BLOCK_END)) this.unexpected("'%}'");
    const outer = this.breakOnBlocks;
    this.breakOnBlocks = ends;
    const body = this.parse();
    this.breakOnBlocks = outer;
    const end = this.nextToken();
    if (end === null) {
      const open = this.openTags.at(-1);
      const tag = open ? `{% ${open.name} %}` : 'a tag';
      this.syntaxError(
        `${tag} is never closed: expected ${ends.map((name) => `{% ${name} %}`).join(' or ')} before the end of the template`,
        open?.lineno,
      );
    }
    return { body, end };
  }

  private parseConditional(lineno: number): AstNode {
    const branches: Branch[] = [];
    for (let line = lineno; ;) {
      const test = this.parseTuple({ conditional: false });
      const { body, end } = this.parseBody('elif', 'else', 'endif');
      branches.push({ lineno: line, test, body });
      if (end.value === 'endif') return new Conditional(lineno, branches, null);
      if (end.value === 'else') return new Conditional(lineno, branches, this.parseBody('endif').body);
      line = end.lineno;
    }
  }

  private parseLoop(lineno: number): AstNode {
    const target = this.parseTarget({});
    this.expectKeyword('in');
    const iterable = this.parseTuple({ conditional: false });
    const test = this.skipSymbol('if') ? this.parseExpression() : null;
    const recursive = this.skipSymbol('recursive');
    const { body, end } = this.parseBody('endfor', 'else');
    const otherwise = end.value === 'else' ? this.parseBody('endfor').body : null;
    return new Loop(lineno, target, iterable, body, otherwise, test, recursive);
  }

  private parseAssignment(lineno: number): AstNode {
    const target = this.parseTarget({ namespace: true });
    if (this.skipOperator('=')) return new Assign(lineno, target, this.parseTuple());
    const filter = this.parseFilters(null);
    return new AssignBlock(lineno, target, filter as FilterCall | null, this.parseBody('endset').body);
  }

  private parseWithBlock(lineno: number): AstNode {
    const targets: AstNode[] = [];
    const values: AstNode[] = [];
    while (!this.isType(lexer.TOKEN_BLOCK_END)) {
      if (targets.length > 0) this.expectOperator(',');
      targets.push(this.parseTarget({ context: 'param' }));
      this.expectOperator('=');
      values.push(this.parseExpression());
    }
    return new With(lineno, targets, values, this.parseBody('endwith').body);
  }

  private parsePrint(lineno: number): AstNode {
    const children: AstNode[] = [];
    while (!this.isType(lexer.TOKEN_BLOCK_END)) {
      if (children.length > 0) this.expectOperator(',');
      children.push(this.parseExpression());
    }
    return new nodes.Output(lineno, 0, children);
  }

  private parseBlockDefinition(lineno: number): AstNode {
    const name = this.expectName().value;
    const scoped = this.skipSymbol('scoped');
    const required = this.skipSymbol('required');
    const { body } = this.parseBody('endblock');
    if (required && body.children.some((child) => !isBlank(child))) {
      this.syntaxError('a required block can hold only comments and space', lineno);
    }
    this.skipSymbol(name);
    const block = new BlockDefinition(lineno, name, body, scoped, required);
    this.blocks.push(block);
    return block;
  }

  private parseInclusion(lineno: number): AstNode {
    const template = this.parseExpression();
    const ignoreMissing = this.isNamePair('ignore', 'missing');
    if (ignoreMissing) {
      this.nextToken();
      this.nextToken();
    }
    return new Inclusion(lineno, template, ignoreMissing, this.parseContextOption(true));
  }

  private parseContextOption(byDefault: boolean): boolean {
    for (const option of ['with', 'without']) {
      if (this.isNamePair(option, 'context')) {
        this.nextToken();
        this.nextToken();
        return option === 'with';
      }
    }
    return byDefault;
  }

  private parseImportModule(lineno: number): AstNode {
    const template = this.parseExpression();
    this.expectKeyword('as');
    const target = this.parseTargetName().value;
    return new ImportModule(lineno, template, target, this.parseContextOption(false));
  }

  private parseImportNames(lineno: number): AstNode {
    const template = this.parseExpression();
    this.expectKeyword('import');
    const names: ImportedName[] = [];
    for (;;) {
      if (names.length > 0) this.expectOperator(',');
      if (this.isNamePair('with', 'context') || this.isNamePair('without', 'context')) break;
      const name = this.parseTargetName();
      if (name.value.startsWith('_')) this.syntaxError('names that begin with an underscore cannot be imported', name.lineno);
      const alias = this.skipSymbol('as') ? this.parseTargetName().value : name.value;
      names.push({ name: name.value, alias });
      if (!this.isOperator(',')) break;
    }
    return new ImportNames(lineno, template, names, this.parseContextOption(false));
  }

  private parseSignature(): { parameters: Name[]; defaults: AstNode[] } {
    const parameters: Name[] = [];
    const defaults: AstNode[] = [];
    this.expectOperator('(');
    while (!this.isOperator(')')) {
      if (parameters.length > 0) this.expectOperator(',');
      const parameter = this.parseTargetName();
      parameter.context = 'param';
      if (this.skipOperator('=')) defaults.push(this.parseExpression());
      else if (defaults.length > 0) this.syntaxError('a parameter without a default follows one with a default', parameter.lineno);
      parameters.push(parameter);
    }
    this.expectOperator(')');
    return { parameters, defaults };
  }

  private parseMacroDefinition(lineno: number): AstNode {
    const name = this.parseTargetName().value;
    const { parameters, defaults } = this.parseSignature();
    return new MacroDefinition(lineno, name, parameters, defaults, this.parseBody('endmacro').body);
  }

  private parseCallBlock(lineno: number): AstNode {
    const { parameters, defaults } = this.isOperator('(') ? this.parseSignature() : { parameters: [], defaults: [] };
    const call = this.parseExpression();
    if (!(call instanceof Call)) this.syntaxError('{% call %} wants the call of a macro', lineno);
    return new CallBlock(lineno, call, parameters, defaults, this.parseBody('endcall').body);
  }

  private parseFilterBlock(lineno: number): AstNode {
    const filter = this.parseFilters(null, true) as FilterCall;
    return new FilterBlock(lineno, this.parseBody('endfilter').body, filter);
  }

  // --- targets of assignments

  private parseTargetName(): Name {
    const token = this.expectName();
    return this.assignable(new Name(token.lineno, token.value, 'store')) as Name;
  }

  private parseTarget(options: { namespace?: boolean; context?: 'store' | 'param' }): AstNode {
    return this.assignable(this.parseTuple({ ...options, simple: true }), options.context);
  }

  private assignable(target: AstNode, context: 'store' | 'param' = 'store'): AstNode {
    if (target instanceof Name) {
      target.context = context;
      this.namesAssigned.add(target.value);
      if (constants.has(target.value)) this.syntaxError(`cannot assign to '${target.value}'`, target.lineno);
    } else if (target instanceof NamespaceTarget) return target;
    else if (target instanceof TupleLiteral) target.children.forEach((child) => this.assignable(child, context));
    else this.syntaxError('only names and tuples of names can be assigned', target.lineno);
    return target;
  }

  // --- expressions, loosest binding first

  public parseExpression(conditional = true): AstNode {
    return this.nested(() => (conditional ? this.parseInlineIf() : this.parseOr()));
  }

  private parseInlineIf(): AstNode {
    let node = this.parseOr();
    while (this.skipSymbol('if')) {
      const condition = this.parseOr();
      const otherwise = this.skipSymbol('else') ? this.nested(() => this.parseInlineIf()) : null;
      node = new nodes.InlineIf(node.lineno, 0, condition, node, otherwise);
    }
    return node;
  }

  public override parseNot(): AstNode {
    const token = this.peek();
    if (this.skipSymbol('not')) return this.nested(() => new nodes.Not(token.lineno, 0, this.parseNot()));
    return this.parseCompare();
  }

  private parseCompare(): AstNode {
    const first = this.parseSum();
    const rest: CompareOperand[] = [];
    for (;;) {
      const token = this.peekToken();
      if (token === null) break;
      if (token.type === lexer.TOKEN_OPERATOR && comparisons.has(token.value)) {
        this.nextToken();
        rest.push(new nodes.CompareOperand(token.lineno, 0, this.parseSum(), token.value));
      } else if (this.skipSymbol('in')) rest.push(new nodes.CompareOperand(token.lineno, 0, this.parseSum(), 'in'));
      else if (this.isNamePair('not', 'in')) {
        this.nextToken();
        this.nextToken();
        rest.push(new nodes.CompareOperand(token.lineno, 0, this.parseSum(), 'not in'));
      } else break;
    }
    return rest.length > 0 ? new nodes.Compare(first.lineno, 0, first, rest) : first;
  }

  private parseSum(): AstNode {
    let node = this.parseJoined();
    for (;;) {
      const { lineno } = node;
      if (this.skipOperator('+')) node = new nodes.Add(lineno, 0, node, this.parseJoined());
      else if (this.skipOperator('-')) node = new nodes.Sub(lineno, 0, node, this.parseJoined());
      else return node;
    }
  }

  private parseJoined(): AstNode {
    const parts = [this.parseProduct()];
    while (this.skipOperator('~')) parts.push(this.parseProduct());
    return parts.length === 1 ? parts[0] : new Joined(parts[0].lineno, 0, parts);
  }

  private parseProduct(): AstNode {
    let node = this.parsePower();
    for (;;) {
      const { lineno } = node;
      if (this.skipOperator('*')) node = new nodes.Mul(lineno, 0, node, this.parsePower());
      else if (this.skipOperator('/')) node = new nodes.Div(lineno, 0, node, this.parsePower());
      else if (this.skipOperator('//')) node = new nodes.FloorDiv(lineno, 0, node, this.parsePower());
      else if (this.skipOperator('%')) node = new nodes.Mod(lineno, 0, node, this.parsePower());
      else return node;
    }
  }

  private parsePower(): AstNode {
    let node = this.parseSigned(true);
    while (this.skipOperator('**')) node = new nodes.Pow(node.lineno, 0, node, this.parseSigned(true));
    return node;
  }

  private parseSigned(withFilters: boolean): AstNode {
    const token = this.peek();
    let node: AstNode;
    if (this.skipOperator('-')) node = this.nested(() => new nodes.Neg(token.lineno, 0, this.parseSigned(false)));
    else if (this.skipOperator('+')) node = this.nested(() => new nodes.Pos(token.lineno, 0, this.parseSigned(false)));
    else node = this.parseOperand();
    node = this.parseSubscripts(node);
    return withFilters ? this.parseFiltersAndTests(node) : node;
  }

  private parseOperand(namespace = false): AstNode {
    const token = this.peek();
    switch (token.type) {
      case lexer.TOKEN_SYMBOL:
        this.nextToken();
        if (namespace && this.skipOperator('.')) return new NamespaceTarget(token.lineno, token.value, this.expectName().value);
        if (constants.has(token.value)) return new nodes.Literal(token.lineno, 0, constants.get(token.value));
        this.namesRead.add(token.value);
        return new Name(token.lineno, token.value);
      case lexer.TOKEN_STRING: {
        let value = '';
        while (this.isType(lexer.TOKEN_STRING)) value += this.take().value;
        return new nodes.Literal(token.lineno, 0, value);
      }
      case lexer.TOKEN_INT:
        this.nextToken();
        return new nodes.Literal(token.lineno, 0, integer(BigInt(token.value)));
      case lexer.TOKEN_FLOAT:
        this.nextToken();
        return new nodes.Literal(token.lineno, 0, new Float(Number(token.value)));
      case lexer.TOKEN_LEFT_PAREN: {
        this.nextToken();
        const node = this.parseTuple({ parenthesised: true });
        this.expectOperator(')');
        return node;
      }
      case lexer.TOKEN_LEFT_BRACKET:
        return new nodes.Array(
          token.lineno,
          0,
          this.parseItems('[', ']', () => this.parseExpression()),
        );
      case lexer.TOKEN_LEFT_CURLY:
        return new nodes.Dict(
          token.lineno,
          0,
          this.parseItems('{', '}', () => this.parsePair()),
        );
      default:
        return this.unexpected('an expression');
    }
  }

  private parsePair(): AstNode {
    const key = this.parseExpression();
    this.expectOperator(':');
    return new nodes.Pair(key.lineno, 0, key, this.parseExpression());
  }

  private parseItems(open: string, close: string, parseItem: () => AstNode): AstNode[] {
    const items: AstNode[] = [];
    this.expectOperator(open);
    while (!this.isOperator(close)) {
      if (items.length > 0) {
        this.expectOperator(',');
        if (this.isOperator(close)) break;
      }
      items.push(parseItem());
    }
    this.expectOperator(close);
    return items;
  }

  /** One expression, or several with commas between them, which are a tuple. */
  private parseTuple(options: { conditional?: boolean; simple?: boolean; namespace?: boolean; parenthesised?: boolean } = {}): AstNode {
    const items: AstNode[] = [];
    let isTuple = false;
    const { lineno } = this.peek();
    for (;;) {
      if (items.length > 0) this.expectOperator(',');
      if (this.isTupleEnd()) break;
      items.push(
        options.simple ? this.nested(() => this.parseOperand(options.namespace)) : this.parseExpression(options.conditional ?? true),
      );
      if (!this.isOperator(',')) break;
      isTuple = true;
    }
    if (!isTuple) {
      if (items.length > 0) return items[0];
      if (!options.parenthesised) this.unexpected('an expression');
    }
    return new TupleLiteral(lineno, 0, items);
  }

  private isTupleEnd(): boolean {
    const type = this.peekToken()?.type;
    return type === lexer.TOKEN_VARIABLE_END || type === lexer.TOKEN_BLOCK_END || type === lexer.TOKEN_RIGHT_PAREN;
  }

  private parseSubscripts(node: AstNode): AstNode {
    for (;;) {
      const { lineno } = node;
      if (this.skipOperator('.')) {
        const token = this.peek();
        if (token.type === lexer.TOKEN_INT) {
          this.nextToken();
          node = new nodes.LookupVal(lineno, 0, node, new nodes.Literal(lineno, 0, integer(BigInt(token.value))));
        } else node = new Attribute(lineno, node, this.expectName().value);
      } else if (this.isOperator('[')) {
        const items = this.parseItemsOfSubscript();
        node = new nodes.LookupVal(lineno, 0, node, items);
      } else if (this.isOperator('(')) node = new Call(this.peek().lineno, node, this.parseArguments());
      else return node;
    }
  }

  private parseItemsOfSubscript(): AstNode {
    const { lineno } = this.peek();
    this.expectOperator('[');
    const items: AstNode[] = [];
    while (!this.isOperator(']')) {
      if (items.length > 0) this.expectOperator(',');
      items.push(this.parseSubscript());
    }
    this.expectOperator(']');
    return items.length === 1 ? items[0] : new TupleLiteral(lineno, 0, items);
  }

  private parseSubscript(): AstNode {
    const { lineno } = this.peek();
    const start = this.isOperator(':') ? null : this.parseExpression();
    if (start !== null && !this.isOperator(':')) return start;
    this.expectOperator(':');
    const ends = (): boolean => this.isOperator(']') || this.isOperator(',');
    const stop = this.isOperator(':') || ends() ? null : this.parseExpression();
    const step = this.skipOperator(':') && !ends() ? this.parseExpression() : null;
    return new Slice(lineno, start, stop, step);
  }

  private parseFiltersAndTests(node: AstNode): AstNode {
    for (;;) {
      if (this.isOperator('|')) node = this.parseFilters(node) as AstNode;
      else if (this.isName('is')) node = this.parseTest(node);
      else if (this.isOperator('(')) node = new Call(this.peek().lineno, node, this.parseArguments());
      else return node;
    }
  }

  private parseDottedName(): Token {
    const token = this.expectName();
    let value = token.value;
    while (this.skipOperator('.')) value += `.${this.expectName().value}`;
    return { ...token, value };
  }

  private parseFilters(node: AstNode | null, atName = false): AstNode | null {
    while (atName || this.skipOperator('|')) {
      atName = false;
      const name = this.parseDottedName();
      const args = this.isOperator('(') ? this.parseArguments() : noArguments(name.lineno);
      node = new FilterCall(name.lineno, node, name.value, args);
    }
    return node;
  }

  private parseTest(node: AstNode): AstNode {
    const { lineno } = this.take();
    const negated = this.skipSymbol('not');
    const name = this.parseDottedName();
    const next = this.peekToken();
    const opensArgument: readonly (string | undefined)[] = [
      lexer.TOKEN_SYMBOL,
      lexer.TOKEN_STRING,
      lexer.TOKEN_INT,
      lexer.TOKEN_FLOAT,
      lexer.TOKEN_LEFT_BRACKET,
      lexer.TOKEN_LEFT_CURLY,
    ];
    let args = noArguments(name.lineno);
    if (this.isOperator('(')) args = this.parseArguments();
    else if (opensArgument.includes(next?.type) && !this.isName('else') && !this.isName('or') && !this.isName('and')) {
      if (this.isName('is')) this.syntaxError('tests cannot be chained with "is"', lineno);
      args = new Arguments(name.lineno, [this.parseSubscripts(this.parseOperand())], [], null, null);
    }
    const test = new TestCall(lineno, node, name.value, args);
    return negated ? new nodes.Not(lineno, 0, test) : test;
  }

  private parseArguments(): Arguments {
    const { lineno } = this.peek();
    const positional: AstNode[] = [];
    const keywords: Keyword[] = [];
    let rest: AstNode | null = null;
    let restKeywords: AstNode | null = null;
    const ensure = (valid: boolean): void => {
      if (!valid) this.syntaxError('invalid order of arguments in a call', lineno);
    };
    this.expectOperator('(');
    for (let first = true; !this.isOperator(')'); first = false) {
      if (!first) {
        this.expectOperator(',');
        if (this.isOperator(')')) break;
      }
      if (this.skipOperator('*')) {
        ensure(rest === null && restKeywords === null);
        rest = this.parseExpression();
      } else if (this.skipOperator('**')) {
        ensure(restKeywords === null);
        restKeywords = this.parseExpression();
      } else {
        const keyword = this.parseKeyword();
        if (keyword !== null) {
          ensure(restKeywords === null);
          keywords.push(keyword);
        } else {
          ensure(rest === null && restKeywords === null && keywords.length === 0);
          positional.push(this.parseExpression());
        }
      }
    }
    this.expectOperator(')');
    const twice = keywords.find(({ name }, index) => keywords.findIndex((other) => other.name === name) !== index);
    if (twice) this.syntaxError(`the keyword argument '${twice.name}' is given twice`, twice.lineno);
    return new Arguments(lineno, positional, keywords, rest, restKeywords);
  }

  private parseKeyword(): Keyword | null {
    const token = this.peek();
    if (token.type !== lexer.TOKEN_SYMBOL) return null;
    this.nextToken();
    if (this.skipOperator('=')) return new Keyword(token.lineno, token.value, this.parseExpression());
    this.putBack(token);
    return null;
  }
}

function noArguments(lineno: number): Arguments {
  return new Arguments(lineno, [], [], null, null);
}

function isBlank(node: AstNode): boolean {
  return node instanceof nodes.Output && node.children.every((child) => child instanceof nodes.TemplateData && child.value.trim() === '');
}
