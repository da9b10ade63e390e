import { SyntaxFault, notInDialect } from '../fault';
import { DialectLexer, LexerOptions } from './lexer';
import { Attribute, BaseParser, Do, Join, Node, Nothing, Slice, Token, TupleNode, With, nodes } from './nunjucks';
import { TAGS_INSTEAD, requireKnownName } from './refused';
import { tests } from './tests';

const CONSTANTS: Readonly<Record<string, unknown>> = { true: true, false: false, none: null, True: true, False: false, None: null };
const NAMES = ['symbol', 'boolean', 'none'];
const TAGS = ['if', 'for', 'set', 'include', 'with', 'do', 'macro', 'raw'];
/** nunjucks' parser with Jinja2's precedence, tuples, slices and statements. */
export class DialectParser extends BaseParser {
  private readonly statements: Token[] = [];

  public constructor(source: string, options: LexerOptions) {
    super(new DialectLexer(source, options));
  }

  public override fail(message: string, lineno?: number): never {
    throw new SyntaxFault(lineno ?? this.tokens.lineno, message, 'correct the template');
  }

  private unexpected(expected: string): never {
    const { type, value, lineno } = this.peekToken() ?? { type: 'data', value: '', lineno: this.tokens.lineno };
    if (value === ',') throw notInDialect(lineno, 'a tuple without parentheses', 'put it in parentheses');
    const got = type === 'data' ? 'the end of the file' : `'${value}'`;
    const remedy = 'correct it; text with such braces belongs between {% raw %} and {% endraw %}';
    throw new SyntaxFault(lineno, `expected ${expected}, got ${got}`, remedy);
  }

  private at(value: string): boolean {
    const token = this.peekToken();
    return token?.value === value && token.type !== 'string' && token.type !== 'data';
  }

  private accept(value: string): boolean {
    return this.at(value) && this.nextToken() !== null;
  }

  private expect(value: string): void {
    if (!this.accept(value)) this.unexpected(`'${value}'`);
  }

  // --- statements

  public override advanceAfterBlockEnd(name?: string): Token {
    if (name === undefined) this.nextToken();
    if (this.peekToken()?.type !== 'block-end') this.unexpected("'%}'");
    return this.nextToken();
  }

  public override advanceAfterVariableEnd(): void {
    this.expect('}}');
  }

  public override parseUntilBlocks(...names: string[]): Node {
    const opening = this.statements.at(-1)!;
    const body = super.parseUntilBlocks(...names);
    const end = this.peekToken() as Token | null;
    if (end?.value === 'elseif') throw notInDialect(end.lineno, '{% elseif %}', TAGS_INSTEAD.elseif);
    if (end !== null) return body;
    const problem = `{% ${opening.value} %} is never closed: expected ${endsOf(names).join(', ')}`;
    throw new SyntaxFault(opening.lineno, problem, `add ${endsOf(names).at(-1)}`);
  }

  public override parseStatement(): Node | null {
    const tag = this.peekToken();
    if (tag.type !== 'symbol') this.unexpected('the name of a tag');
    if (this.breakOnBlocks?.includes(tag.value)) return null;
    this.statements.push(tag);
    const node = this.parseTag(tag);
    this.statements.pop();
    return node;
  }

  private parseTag({ value, lineno }: Token): Node {
    if (value === 'if') return this.parseIf();
    if (value === 'macro') return this.parseMacro();
    if (!['for', 'set', 'with', 'include', 'do'].includes(value)) throw this.unknownTag(value, lineno);
    this.nextToken();
    if (value === 'for') return this.parseFor(lineno);
    if (value === 'set') return this.parseSet(lineno);
    if (value === 'with') return this.parseWith(lineno);
    return value === 'include' ? this.parseInclude(lineno) : this.parseDo(lineno);
  }

  private unknownTag(value: string, lineno: number): SyntaxFault {
    if (Object.hasOwn(TAGS_INSTEAD, value)) return notInDialect(lineno, `{% ${value} %}`, TAGS_INSTEAD[value]);
    const around = this.statements.at(-2);
    const expected = endsOf(this.breakOnBlocks).join(', ');
    const inside = around ? `; expected one of ${expected} for the {% ${around.value} %} of line ${around.lineno + 1}` : '';
    return new SyntaxFault(lineno, `unknown tag '${value}'${inside}`, `the tags are ${TAGS.join(', ')}`);
  }

  private parseDo(lineno: number): Node {
    const node = new Do(lineno, 0, this.parseExpression());
    this.advanceAfterBlockEnd('do');
    return node;
  }

  private parseName(): Node {
    const token = this.peekToken();
    if (token?.type !== 'symbol' || Object.hasOwn(CONSTANTS, token.value)) this.unexpected('a name; only names can be assigned');
    return new nodes.Symbol(token.lineno, 0, this.nextToken().value);
  }

  private parseFor(lineno: number): Node {
    const targets: Node[] = [];
    do {
      if (this.at('(')) throw notInDialect(lineno, 'brackets around names', 'write the names, with commas between');
      targets.push(this.parseName());
    } while (this.accept(','));
    this.expect('in');
    // Behind it, an if belongs to the loop.
    const arr = this.parseOr();
    const cond = this.accept('if') ? this.parseExpression() : null;
    if (this.at('recursive')) throw notInDialect(lineno, 'a recursive loop', 'use a macro that calls itself');
    this.advanceAfterBlockEnd('for');
    const name = targets.length > 1 ? new TupleNode(lineno, 0, targets) : targets[0];
    const node = new nodes.For(lineno, 0, arr, name, this.parseUntilBlocks('endfor', 'else'));
    node.cond = cond!;
    if (this.at('else')) {
      this.advanceAfterBlockEnd();
      node.else_ = this.parseUntilBlocks('endfor');
    }
    this.advanceAfterBlockEnd();
    return node;
  }

  private parseSet(lineno: number): Node {
    const name = this.parseName();
    const target = this.accept('.') ? new Attribute(name.lineno, 0, name, this.parseName().value) : name;
    if (this.at(',')) throw notInDialect(lineno, 'a {% set %} of several names', 'write one {% set %} for each');
    const node = new nodes.Set(lineno, 0, [target]);
    if (this.accept('=')) {
      node.value = this.parseExpression();
      this.advanceAfterBlockEnd('set');
      return node;
    }
    if (this.at('|')) throw notInDialect(lineno, 'a filter in a block {% set %}', 'use the filter where the text is printed');
    if (target !== name) this.unexpected("'='");
    this.advanceAfterBlockEnd('set');
    node.body = this.parseUntilBlocks('endset');
    this.advanceAfterBlockEnd();
    return node;
  }

  private parseWith(lineno: number): Node {
    const targets: Node[] = [];
    const values: Node[] = [];
    while (this.peekToken().type !== 'block-end') {
      if (targets.length > 0) this.expect(',');
      targets.push(this.parseName());
      this.expect('=');
      values.push(this.parseExpression());
    }
    this.advanceAfterBlockEnd('with');
    const node = new With(lineno, 0, targets, values, this.parseUntilBlocks('endwith'));
    this.advanceAfterBlockEnd();
    return node;
  }

  private parseInclude(lineno: number): Node {
    const node = new nodes.Include(lineno, 0, this.parseExpression());
    node.ignoreMissing = this.accept('ignore');
    if (node.ignoreMissing) this.expect('missing');
    if (this.at('without')) throw notInDialect(lineno, 'include .. without context', 'include it with context');
    if (this.accept('with')) this.expect('context');
    this.advanceAfterBlockEnd('include');
    return node;
  }

  // --- expressions

  public override parseInlineIf(): Node {
    let node = this.parseOr();
    while (this.at('if')) {
      const { lineno } = this.nextToken();
      const cond = this.parseOr();
      node = new nodes.InlineIf(lineno, 0, cond, node, this.accept('else') ? this.parseExpression() : null);
    }
    return node;
  }

  /** What nunjucks gives four precedences is one in Jinja2: comparisons, `in` and `not in`. */
  public override parseIn(): Node {
    const parseSum = (): Node => this.parseBinary({ '+': nodes.Add, '-': nodes.Sub }, () => this.parseJoin());
    const first = parseSum();
    const operands: Node[] = [];
    for (;;) {
      const { type, value, lineno } = this.peekToken();
      const isNot = this.accept('not');
      const operator = isNot ? 'not in' : value;
      if (isNot) this.expect('in');
      else if (value === 'in' ? type !== 'symbol' : type !== 'operator' || !/^([=!]=|[<>]=?)$/.test(value)) break;
      else this.nextToken();
      operands.push(new nodes.CompareOperand(lineno, 0, parseSum(), operator));
    }
    return operands.length === 0 ? first : new nodes.Compare(operands[0].lineno, 0, first, operands);
  }

  private parseJoin(): Node {
    const parts = [this.parseProduct()];
    while (this.accept('~')) parts.push(this.parseProduct());
    return parts.length === 1 ? parts[0] : new Join(parts[0].lineno, 0, parts);
  }

  private parseProduct(): Node {
    const node = this.parseBinary({ '*': nodes.Mul, '//': nodes.FloorDiv, '%': nodes.Mod }, () => this.parseUnary());
    const { lineno } = this.peekToken();
    if (this.at('/')) throw notInDialect(lineno, 'the operator /', 'write // for whole numbers');
    if (this.at('**')) throw notInDialect(lineno, 'the operator **', 'write the number');
    return node;
  }

  private parseBinary(operators: Readonly<Record<string, typeof nodes.Node>>, operand: () => Node): Node {
    let node = operand();
    while (this.peekToken().type === 'operator' && this.peekToken().value in operators) {
      const { value, lineno } = this.nextToken();
      node = new operators[value](lineno, 0, node, operand());
    }
    return node;
  }

  public override parseUnary(noFilters = false): Node {
    const { lineno } = this.peekToken();
    if (this.at('+')) throw notInDialect(lineno, 'the sign +', 'leave it out');
    const node = this.accept('-') ? new nodes.Neg(lineno, 0, this.parseUnary(true)) : this.parsePrimary();
    return noFilters ? node : this.parseFilter(node);
  }

  /** Filters and tests bind alike. */
  public override parseFilter(node: Node): Node {
    for (;;) {
      const { lineno } = this.peekToken();
      if (this.accept('|')) {
        const name = new nodes.Symbol(lineno, 0, this.anyName());
        const more = this.at('(') ? this.parseSignature().children : [];
        node = new nodes.Filter(lineno, 0, name, new nodes.NodeList(lineno, 0, [node, ...more]));
      } else if (this.accept('is')) node = this.parseTest(node, lineno);
      else return node;
    }
  }

  private anyName(): string {
    const { type, lineno } = this.peekToken();
    if (type === 'int') throw notInDialect(lineno, 'an index after a dot', 'write it in brackets');
    if (!NAMES.includes(type)) this.unexpected('a name');
    return this.nextToken().value;
  }

  private parseTest(subject: Node, lineno: number): Node {
    const isNot = this.accept('not');
    const name = this.anyName();
    requireKnownName('test', name, lineno, Object.keys(tests));
    const node = new nodes.Is(lineno, 0, subject, new nodes.Symbol(lineno, 0, name));
    return isNot ? new nodes.Not(lineno, 0, node) : node;
  }

  public override parsePrimary(noPostfix = false): Node {
    const { type, lineno } = this.peekToken();
    let node: Node;
    if (type === 'string') {
      let text = '';
      while (this.peekToken().type === 'string') text += this.nextToken().value;
      node = new nodes.Literal(lineno, 0, text);
    } else if (type === 'int') node = new nodes.Literal(lineno, 0, Number(this.nextToken().value));
    else if (NAMES.includes(type)) {
      const { value } = this.nextToken();
      node = Object.hasOwn(CONSTANTS, value) ? new nodes.Literal(lineno, 0, CONSTANTS[value]) : new nodes.Symbol(lineno, 0, value);
    } else node = this.parseAggregate();
    return noPostfix ? node : this.parsePostfix(node);
  }

  /** What stands in brackets. nunjucks makes JavaScript's comma operator of a tuple, and takes any bracket for the end. */
  public override parseAggregate(): Node {
    const { type, lineno } = this.peekToken();
    if (!['left-paren', 'left-bracket', 'left-curly'].includes(type)) this.unexpected('an expression');
    this.nextToken();
    if (type === 'left-bracket') return new nodes.Array(lineno, 0, this.parseItems(']').items);
    if (type === 'left-paren') {
      const { items, hasComma } = this.parseItems(')');
      return items.length === 1 && !hasComma ? items[0] : new TupleNode(lineno, 0, items);
    }
    const pair = (): Node => {
      const key = this.parseExpression();
      this.expect(':');
      return new nodes.Pair(key.lineno, 0, key, this.parseExpression());
    };
    return new nodes.Dict(lineno, 0, this.parseItems('}', pair).items);
  }

  private parseItems(end: string, parse = (): Node => this.parseExpression()): { items: Node[]; hasComma: boolean } {
    const items: Node[] = [];
    let hasComma = false;
    while (!this.accept(end)) {
      items.push(parse());
      if (this.accept(',')) hasComma = true;
      else if (!this.at(end)) this.unexpected(`',' or '${end}'`);
    }
    return { items, hasComma };
  }

  public override parsePostfix(node: Node): Node {
    for (;;) {
      const { type, lineno } = this.peekToken();
      if (type === 'left-paren') node = new nodes.FunCall(lineno, 0, node, this.parseSignature());
      else if (type === 'left-bracket') node = this.parseSubscript(node);
      else if (type === 'operator' && this.accept('.')) node = new Attribute(lineno, 0, node, this.anyName());
      else return node;
    }
  }

  private parseSubscript(target: Node): Node {
    const { lineno } = this.nextToken();
    const bound = (): Node => (this.at(':') || this.at(']') ? new Nothing(lineno, 0) : this.parseExpression());
    const left = bound();
    const isSlice = this.accept(':');
    const right = isSlice ? bound() : left;
    if (this.at(':')) throw notInDialect(lineno, 'a slice with a step', 'loop over the items');
    if (!isSlice && left.typename === 'Nothing') this.unexpected('an index');
    this.expect(']');
    return isSlice ? new Slice(lineno, 0, target, left, right) : new nodes.LookupVal(lineno, 0, target, left);
  }

  public override parseSignature(): Node {
    const { lineno } = this.peekToken();
    this.expect('(');
    const named: Node[] = [];
    const parse = (): Node => {
      const { value } = this.peekToken();
      if (this.at('*') || this.at('**')) throw notInDialect(lineno, `an argument with ${value}`, 'pass the arguments one by one');
      const argument = this.parseExpression();
      const isNamed = argument.typename === 'Symbol' && this.accept('=');
      if (isNamed) named.push(new nodes.Pair(argument.lineno, 0, argument, this.parseExpression()));
      else if (named.length > 0) this.fail('an argument without a name follows one with a name', argument.lineno);
      return argument;
    };
    const { items } = this.parseItems(')', parse);
    const positional = items.slice(0, items.length - named.length);
    return new nodes.NodeList(lineno, 0, named.length === 0 ? positional : [...positional, new nodes.KeywordArgs(lineno, 0, named)]);
  }
}

function endsOf(names: readonly string[] | null): string[] {
  return (names ?? []).filter((name) => name !== 'elseif').map((name) => `{% ${name} %}`);
}
