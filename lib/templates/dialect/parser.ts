import { SyntaxFault, notInDialect } from '../fault';
import { BRACES, DialectLexer } from './lexer';
import { Attribute, BaseParser, Comparison, Do, Join, Node, Slice, Token, TupleNode, With, nodes } from './nunjucks';
import { comparisons } from './operators';
import { TAGS_INSTEAD, requireKnownName } from './refused';
import { tests } from './tests';

const CONSTANTS: Readonly<Record<string, unknown>> = { true: true, false: false, none: null, True: true, False: false, None: null };
const NAMES = ['symbol', 'boolean', 'none'];
const TAGS = ['if', 'for', 'set', 'include', 'with', 'do', 'macro'];

/** nunjucks' parser with Jinja2's precedence, tuples, slices and statements. */
export class DialectParser extends BaseParser {
  private readonly statements: Token[] = [];

  public constructor(source: string, shellLengthIsText: boolean) {
    super(new DialectLexer(source, shellLengthIsText));
  }

  private unexpected(expected: string): never {
    const { type, value, lineno } = this.peekToken() ?? { type: 'data', value: '', lineno: this.tokens.lineno };
    if (type === 'string') throw notInDialect(lineno, 'a text beside another expression', 'join them with ~');
    if (value === '|') throw notInDialect(lineno, 'a filter here', 'use it where the text is printed');
    if (value === ',') throw notInDialect(lineno, 'a tuple without parentheses', 'put it in parentheses');
    const got = type === 'data' ? 'the end of the file' : `'${value}'`;
    throw new SyntaxFault(lineno, `expected ${expected}, got ${got}`, `correct it; ${BRACES}`);
  }

  private at(value: string): boolean {
    const token = this.peekToken();
    return token?.value === value && token.type !== 'string' && token.type !== 'data';
  }

  private accept(value: string): boolean {
    return this.at(value) && this.nextToken() !== null;
  }

  private expect(value: string): string {
    if (!this.accept(value)) this.unexpected(`'${value}'`);
    return value;
  }

  /** What nunjucks calls where a {% set %} has neither a value nor a body. */
  public fail(): never {
    this.unexpected("'='");
  }

  // --- statements

  public advanceAfterBlockEnd(name?: string): Token {
    if (name === undefined) this.nextToken();
    if (name === 'include' && this.at('without'))
      throw notInDialect(this.tokens.lineno, 'include .. without context', 'include it with context');
    if (name === 'include' && this.accept('with')) this.expect('context');
    if (this.peekToken()?.type !== 'block-end') this.unexpected("'%}'");
    return this.nextToken();
  }

  public advanceAfterVariableEnd(): void {
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
    if (!TAGS.includes(tag.value)) throw this.unknownTag(tag);
    this.statements.push(tag);
    const node = tag.value === 'with' ? this.parseWith() : tag.value === 'do' ? this.parseDo() : super.parseStatement();
    this.statements.pop();
    return node;
  }

  private unknownTag({ value, lineno }: Token): SyntaxFault {
    if (Object.hasOwn(TAGS_INSTEAD, value)) return notInDialect(lineno, `{% ${value} %}`, TAGS_INSTEAD[value]);
    const around = this.statements.at(-1);
    const expected = endsOf(this.breakOnBlocks).join(', ');
    const inside = around ? `; expected one of ${expected} for the {% ${around.value} %} of line ${around.lineno + 1}` : '';
    return new SyntaxFault(lineno, `unknown tag '${value}'${inside}`, `the tags are ${TAGS.join(', ')} and raw`);
  }

  private parseDo(): Node {
    const { lineno } = this.nextToken();
    const node = new Do(lineno, 0, this.parseExpression());
    this.advanceAfterBlockEnd('do');
    return node;
  }

  private parseName(): Node {
    const token = this.peekToken();
    if (token?.type !== 'symbol' || Object.hasOwn(CONSTANTS, token.value)) this.unexpected('a name; only names can be assigned');
    return new nodes.Symbol(token.lineno, 0, this.nextToken().value);
  }

  public parseFor(): Node {
    const { lineno } = this.nextToken();
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

  private parseWith(): Node {
    const { lineno } = this.nextToken();
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

  // --- expressions

  public parseInlineIf(): Node {
    let node = this.parseOr();
    while (this.at('if')) {
      const { lineno } = this.nextToken();
      const cond = this.parseOr();
      node = new nodes.InlineIf(lineno, 0, cond, node, this.accept('else') ? this.parseExpression() : null);
    }
    return node;
  }

  /** What nunjucks gives four precedences is one in Jinja2: comparisons, `in` and `not in`. */
  public parseIn(): Node {
    const left = this.parseAdd();
    const { lineno } = this.peekToken();
    const operator = this.parseComparison();
    if (operator === undefined) return left;
    const node = new Comparison(lineno, 0, left, operator, this.parseAdd());
    if (this.parseComparison() === undefined) return node;
    throw notInDialect(lineno, 'a comparison of three values', 'compare two, and join the comparisons with and');
  }

  private parseComparison(): string | undefined {
    if (this.accept('not')) return `not ${this.expect('in')}`;
    const { type, value } = this.peekToken();
    return type !== 'string' && Object.hasOwn(comparisons, value) ? this.nextToken().value : undefined;
  }

  /** `~` binds more tightly than `+` and `-`, which call this. */
  public override parseMul(): Node {
    const parts = [super.parseMul()];
    while (this.accept('~')) parts.push(super.parseMul());
    return parts.length === 1 ? parts[0] : new Join(parts[0].lineno, 0, parts);
  }

  /** Filters and tests bind alike. */
  public parseFilter(node: Node): Node {
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
    const { type, value, lineno } = this.peekToken();
    if (!NAMES.includes(type) || !Object.hasOwn(CONSTANTS, value)) return super.parsePrimary(noPostfix);
    this.nextToken();
    return this.parsePostfix(new nodes.Literal(lineno, 0, CONSTANTS[value]));
  }

  /** What stands in brackets. nunjucks makes JavaScript's comma operator of a tuple, and takes any bracket for the end. */
  public parseAggregate(): Node {
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

  public parsePostfix(node: Node): Node {
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
    const nothing = new nodes.Literal(lineno, 0, null);
    const left = this.at(':') ? nothing : this.parseExpression();
    const isSlice = this.accept(':');
    const right = isSlice && !this.at(']') && !this.at(':') ? this.parseExpression() : nothing;
    if (this.at(':')) throw notInDialect(lineno, 'a slice with a step', 'loop over the items');
    this.expect(']');
    return isSlice ? new Slice(lineno, 0, target, left, right) : new nodes.LookupVal(lineno, 0, target, left);
  }

  /** The arguments of a call, or the parameters of a macro; one with a name is a pair. */
  public parseSignature(): Node {
    const { lineno } = this.peekToken();
    this.expect('(');
    let isNamed = false;
    const { items } = this.parseItems(')', () => {
      if (this.at('*') || this.at('**')) throw notInDialect(lineno, 'an argument with a star', 'pass the arguments one by one');
      const argument = this.parseExpression();
      const follows = isNamed;
      isNamed = argument.typename === 'Symbol' && this.accept('=');
      if (isNamed) return new nodes.Pair(argument.lineno, 0, argument, this.parseExpression());
      if (follows) throw new SyntaxFault(argument.lineno, 'an argument without a name follows one with a name', 'name it as well');
      return argument;
    });
    return new nodes.NodeList(lineno, 0, items);
  }
}

function endsOf(names: readonly string[] | null): string[] {
  return (names ?? []).filter((name) => name !== 'elseif').map((name) => `{% ${name} %}`);
}
