/**
 * Reads and evaluates the small part of Windows PowerShell that the generated scripts use, for want of PowerShell
 * itself. Written from the language specification (2.3.5.2 string literals, 2.3.2.3 variables) and about_Quoting_Rules,
 * about_Parsing, and from what its tokenizer does where those are silent: typographic quotes are quotes, a
 * sub-expression in a string ends where its parentheses balance whatever quotes they stand in, and in `".."` each
 * pair of double quotes (or a backtick and one) within it becomes one; `--%` stops parsing in quotes, too; braces in
 * single quotes do not survive in a word that has variables. It shares nothing with the code under test.
 */
export class PowerShellEvaluator {
  public readonly arrivals: string[][] = [];

  private constructor(
    private readonly text: string,
    private readonly variables: Map<string, string>,
    private pos = 0,
  ) {}

  /** Runs the script and returns the arguments of each `Arrive`. */
  public static run(script: string, variables: { readonly [name: string]: string }): string[][] {
    const evaluator = new PowerShellEvaluator(script, new Map(Object.entries(variables)));
    evaluator.statements();
    return evaluator.arrivals;
  }

  /** Statements to the end of the text; what they write is returned, joined by blanks. */
  private statements(): string {
    const output: string[] = [];
    for (;;) {
      this.skipTrivia(true);
      const c = this.peek();
      if (c === '') {
        return output.join(' ');
      } else if (c === ';' || c === '{' || c === '}') {
        this.pos += 1;
      } else if (c === '$' && this.assignment()) {
        continue;
      } else if (c === '&') {
        this.pos += 1;
      } else if (/[A-Za-z]/.test(c)) {
        output.push(...this.command());
      } else {
        output.push(this.expression());
      }
    }
  }

  private assignment(): boolean {
    const match = this.take(/\$(\w+)[ \t]*=[ \t]*/y);
    if (match === undefined) {
      return false;
    }
    // The right side is a statement of its own: what begins with a letter or a path is a command there.
    if (/[\w\\]/.test(this.peek()) && !/\d/.test(this.peek())) {
      throw new Error(`a command on the right side: ${this.rest()}`);
    }
    const value = this.expression();
    this.variables.set(match[1].toLowerCase(), value);
    this.skipTrivia(false);
    if (!['', '\n', '\r', ';', '}'].includes(this.peek())) {
      throw new Error(`unexpected after an assignment: ${this.rest()}`);
    }
    return true;
  }

  private command(): string[] {
    const name = this.take(/[A-Za-z-]+/y)![0];
    const args: string[] = [];
    for (;;) {
      this.skipTrivia(false);
      const c = this.peek();
      if (c === '' || '\r\n;}|)'.includes(c)) {
        break;
      }
      const start = this.pos;
      args.push(this.argument());
      if (args.at(-1) === '--%' && !/[$(]/.test(this.text.slice(start, this.pos))) {
        throw new Error(`--% would stop parsing: ${this.rest()}`);
      }
    }
    if (name === 'Arrive') {
      this.arrivals.push(args);
      return [];
    }
    if (name === 'Echo') {
      return args;
    }
    throw new Error(`the command ${name} ${args.join(' ')} would run`);
  }

  private argument(): string {
    const c = this.peek();
    const next = this.peek(1);
    if (isSingle(c)) {
      return this.ended(this.literal());
    }
    if (isDouble(c)) {
      return this.ended(this.expandable());
    }
    if (c === '@' && (isSingle(next) || isDouble(next))) {
      return this.hereString();
    }
    if (c === '(') {
      this.pos += 1;
      const value = this.expression();
      this.skipTrivia(true);
      this.expect(')');
      return this.ended(value);
    }
    const parameter = this.take(/[-\u2013-\u2015][A-Za-z]+:/y);
    if (parameter !== undefined) {
      return parameter[0];
    }
    if (c === '$') {
      const start = this.pos;
      const variable = this.take(/\$(\w+)|\$\{([^}]*)\}/y);
      if (variable !== undefined && (this.peek() === '' || startsToken(this.peek()))) {
        return this.variable(variable[1] ?? variable[2]);
      }
      if (variable !== undefined && (this.peek() === '.' || this.peek() === '[')) {
        throw new Error(`a member of ${variable[0]}: ${this.rest()}`);
      }
      this.pos = start;
    }
    return this.generic();
  }

  /** A string token is an argument by itself; what follows without a blank would be a member or another argument. */
  private ended(value: string): string {
    const c = this.peek();
    if (c !== '' && !startsToken(c)) {
      throw new Error(`an argument that continues: ${this.rest()}`);
    }
    return value;
  }

  private generic(): string {
    const start = this.pos;
    let value = '';
    let literals = '';
    let expands = false;
    for (;;) {
      const c = this.peek();
      if (c === '' || startsToken(c)) {
        if (this.pos === start) {
          throw new Error(`no argument: ${this.rest()}`);
        }
        if (expands && /[{}]/.test(literals)) {
          throw new Error(`braces in single quotes in a word with variables: ${this.text.slice(start, this.pos)}`);
        }
        return value;
      }
      if (c === '`') {
        value += this.escape();
      } else if (isSingle(c)) {
        const literal = this.literal();
        literals += literal;
        value += literal;
      } else if (isDouble(c)) {
        const opened = this.pos;
        value += this.expandable();
        expands ||= /(?<!`)\$/.test(this.text.slice(opened, this.pos));
      } else if (c === '$') {
        value += this.dollar(false);
        expands = true;
      } else {
        value += c;
        this.pos += 1;
      }
    }
  }

  private expression(): string {
    let value = this.operand();
    for (;;) {
      this.take(/[ \t]+/y);
      if (this.peek() !== '+') {
        return value;
      }
      this.pos += 1;
      this.take(/[ \t]+/y);
      value += this.operand();
    }
  }

  private operand(): string {
    const c = this.peek();
    const number = this.take(/-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y);
    if (number !== undefined) {
      return number[0];
    }
    const character = this.take(/\[char\](\d+)/y);
    if (character !== undefined) {
      return String.fromCharCode(Number(character[1]));
    }
    if (isSingle(c)) {
      return this.literal();
    } else if (isDouble(c)) {
      return this.expandable();
    } else if (c === '@') {
      return this.hereString();
    } else if (c === '(') {
      this.pos += 1;
      const value = this.expression();
      this.expect(')');
      return value;
    }
    const variable = this.take(/\$(\w+)|\$\{([^}]*)\}/y);
    if (variable === undefined) {
      throw new Error(`no expression: ${this.rest()}`);
    }
    return this.variable(variable[1] ?? variable[2]);
  }

  private variable(name: string): string {
    const value = this.variables.get(name.toLowerCase());
    if (value === undefined) {
      throw new Error(`no variable ${name}`);
    }
    return value;
  }

  private literal(): string {
    let value = '';
    this.pos += 1;
    for (;;) {
      const c = this.next();
      if (!isSingle(c)) {
        value += c;
      } else if (isSingle(this.peek())) {
        value += this.next();
      } else {
        return value;
      }
    }
  }

  private expandable(): string {
    let value = '';
    this.pos += 1;
    for (;;) {
      const c = this.peek();
      if (c === '`') {
        value += this.escape();
      } else if (c === '$') {
        value += this.dollar(false);
      } else if (!isDouble(c)) {
        value += this.next();
      } else if (isDouble(this.peek(1))) {
        value += this.peek(1);
        this.pos += 2;
      } else {
        this.pos += 1;
        return value;
      }
    }
  }

  private hereString(): string {
    const isQuote = isSingle(this.peek(1)) ? isSingle : isDouble;
    this.pos += 2;
    if (this.take(/[ \t]*(?:\r\n|\r|\n)/y) === undefined) {
      throw new Error(`text after the beginning of a here-string: ${this.rest()}`);
    }
    let value = '';
    let lineEnd = '';
    for (;;) {
      if (isQuote(this.peek()) && this.peek(1) === '@') {
        this.pos += 2;
        return value;
      }
      value += lineEnd;
      for (lineEnd = ''; lineEnd === '';) {
        const c = this.peek();
        if (c === '\r' || c === '\n') {
          lineEnd = this.take(/\r\n|\r|\n/y)![0];
        } else if (isQuote === isDouble && c === '`') {
          value += this.escape();
        } else if (isQuote === isDouble && c === '$') {
          value += this.dollar(true);
        } else {
          value += this.next();
        }
      }
    }
  }

  private escape(): string {
    this.pos += 1;
    const c = this.next();
    const meaning: { [letter: string]: string } = { 0: '\0', a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
    return meaning[c] ?? c;
  }

  /** A `$` in a string or a longer word. */
  private dollar(inHereString: boolean): string {
    if (this.peek(1) === '(') {
      return this.subExpression(inHereString);
    }
    const variable = this.take(/\$\{([^}`]*)\}|\$([?^$]|(?:[\p{L}\p{Nd}_?]|:(?!:))+)/uy);
    if (variable !== undefined) {
      return this.variable(variable[1] ?? variable[2]);
    }
    this.pos += 1;
    return '$';
  }

  private subExpression(inHereString: boolean): string {
    this.pos += 2;
    let code = '';
    for (let depth = 1; ;) {
      const c = this.next();
      if (c === '(') {
        depth += 1;
      } else if (c === ')') {
        depth -= 1;
        if (depth === 0) {
          break;
        }
      }
      if (!inHereString && (c === '`' || isDouble(c)) && isDouble(this.peek())) {
        code += this.next();
      } else {
        code += c;
      }
    }
    const nested = new PowerShellEvaluator(code, this.variables);
    const output = nested.statements();
    this.arrivals.push(...nested.arrivals);
    return output;
  }

  private skipTrivia(newlines: boolean): void {
    while (
      this.take(newlines ? /[\s\u0085\p{Z}]+|#[^\r\n]*|<#[^]*?#>|`\r?\n/uy : /[^\S\r\n\ufeff]+|\u0085|#[^\r\n]*|<#[^]*?#>|`\r?\n/uy) !==
      undefined
    );
  }

  private take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.pos;
    const match = expression.exec(this.text);
    if (match === null) {
      return undefined;
    }
    this.pos = expression.lastIndex;
    return match;
  }

  private expect(c: string): void {
    if (this.next() !== c) {
      throw new Error(`no ${c} before: ${this.rest()}`);
    }
  }

  private next(): string {
    const c = this.peek();
    if (c === '') {
      throw new Error('the script ends too early');
    }
    this.pos += 1;
    return c;
  }

  private peek(ahead = 0): string {
    return this.text[this.pos + ahead] ?? '';
  }

  private rest(): string {
    return JSON.stringify(this.text.slice(this.pos, this.pos + 60));
  }
}

function isSingle(c: string): boolean {
  return c !== '' && "'\u2018\u2019\u201a\u201b".includes(c);
}

function isDouble(c: string): boolean {
  return c !== '' && '"\u201c\u201d\u201e'.includes(c);
}

function startsToken(c: string): boolean {
  return /[\t\n\v\f\r \u0085&(),;{|}\p{Z}]/u.test(c);
}
