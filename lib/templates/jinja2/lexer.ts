import { Token, Tokenizer, lexer } from './nunjucks';
import { SPACE, stripText } from './text';

export interface LexerOptions {
  /** True when `${#` is text, as in a shell's `${#array[@]}`, and does not open a comment. */
  readonly shellLengthIsText: boolean;
}

/** A template that cannot be read as Jinja2. */
export class LexicalError extends Error {
  public constructor(
    public readonly problem: string,
    /** Counted from 0. */
    public readonly lineno: number,
    public readonly remedy?: string,
  ) {
    super(problem);
  }
}

const space = new RegExp(`[${SPACE}]+`, 'y');
const floatNumber = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?[eE][+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/y;
const intNumber = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const name = /[\p{ID_Continue}\p{N}_]+/uy;
const identifier = /^[\p{ID_Start}_]\p{ID_Continue}*$/u;
const text = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const operator = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const blockEnd = new RegExp(`\\+%\\}|-%\\}[${SPACE}]*|%\\}`, 'y');
const variableEnd = new RegExp(`-\\}\\}[${SPACE}]*|\\}\\}`, 'y');
const commentEnd = new RegExp(`\\+#\\}|-#\\}[${SPACE}]*|#\\}`, 'g');
const rawStart = new RegExp(`\\{%[-+]?[${SPACE}]*raw[${SPACE}]*(?:-%\\}[${SPACE}]*|%\\})`, 'y');
const rawEnd = new RegExp(`\\{%([-+]?)[${SPACE}]*endraw[${SPACE}]*(?:\\+%\\}|-%\\}[${SPACE}]*|%\\})`, 'g');

const tokenTypes: Record<string, string> = {
  '(': lexer.TOKEN_LEFT_PAREN,
  ')': lexer.TOKEN_RIGHT_PAREN,
  '[': lexer.TOKEN_LEFT_BRACKET,
  ']': lexer.TOKEN_RIGHT_BRACKET,
  '{': lexer.TOKEN_LEFT_CURLY,
  '}': lexer.TOKEN_RIGHT_CURLY,
  ',': lexer.TOKEN_COMMA,
  ':': lexer.TOKEN_COLON,
  '~': lexer.TOKEN_TILDE,
  '|': lexer.TOKEN_PIPE,
};
const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
const bracesRemedy = 'put literal braces between {% raw %} and {% endraw %}';

/**
 * The lexer of the dialect, in place of nunjucks' own, which knows neither Python's literals nor the way Jinja2 balances
 * braces and strips space. It gives the parser nunjucks' tokens; whitespace control is done here.
 *
 * @internal
 */
export class JinjaTokenizer implements Tokenizer {
  public readonly tags = { VARIABLE_START: '{{', VARIABLE_END: '}}', COMMENT_START: '{#', COMMENT_END: '#}' };
  private readonly source: string;
  private at = 0;
  private lineno = 0;
  /** Where the line count has got to. */
  private counted = 0;
  private inside: 'block' | 'variable' | null = null;
  private insideSince = 0;
  private readonly open: string[] = [];
  private readonly queue: Token[] = [];

  public constructor(
    source: string,
    private readonly options: LexerOptions,
  ) {
    const lines = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
    this.source = lines.endsWith('\n') ? lines.slice(0, -1) : lines;
  }

  public nextToken(): Token | null {
    for (;;) {
      const queued = this.queue.shift();
      if (queued) return queued;
      if (this.at >= this.source.length) {
        if (this.inside !== null) {
          const problem = this.inside === 'block' ? "'{%' is never closed with '%}'" : "'{{' is never closed with '}}'";
          throw new LexicalError(problem, this.insideSince, bracesRemedy);
        }
        return null;
      }
      if (this.inside !== null) return this.codeToken(this.inside);
      this.readText();
    }
  }

  private readText(): void {
    const start = this.at;
    let from = start;
    for (;;) {
      const brace = this.source.indexOf('{', from);
      if (brace === -1) {
        this.pushText(this.source.slice(start), start);
        this.at = this.source.length;
        return;
      }
      const kind = this.source[brace + 1];
      if (kind === '%' || kind === '{' || (kind === '#' && this.opensComment(brace))) {
        this.openTag(start, brace, kind);
        return;
      }
      from = brace + 1;
    }
  }

  private opensComment(brace: number): boolean {
    if (this.source[brace - 1] !== '$') return true;
    if (this.options.shellLengthIsText) return false;
    // Jinja2 fails on a comment that is never closed, so taking it for text hides no difference.
    return brace + 2 === this.source.length || this.source.indexOf('#}', brace + 2) !== -1;
  }

  private openTag(start: number, brace: number, kind: '%' | '{' | '#'): void {
    rawStart.lastIndex = brace;
    const raw = kind === '%' ? rawStart.exec(this.source) : null;
    const control = this.source[brace + 2];
    const data = this.source.slice(start, brace);
    this.pushText(control === '-' ? stripText(data, null, false, true) : data, start);
    this.at = brace + (control === '-' || control === '+' ? 3 : 2);
    if (kind === '#') this.skipComment(brace);
    else if (raw) this.readRaw(rawStart.lastIndex);
    else {
      const type = kind === '%' ? lexer.TOKEN_BLOCK_START : lexer.TOKEN_VARIABLE_START;
      this.inside = kind === '%' ? 'block' : 'variable';
      this.queue.push(this.token(type, kind === '%' ? '{%' : '{{', brace));
      this.insideSince = this.lineno;
    }
  }

  private skipComment(brace: number): void {
    commentEnd.lastIndex = this.at;
    if (!commentEnd.test(this.source)) {
      const shell = this.source[brace - 1] === '$';
      throw new LexicalError(
        "a comment '{#' is never closed with '#}'",
        this.lineAt(brace),
        shell
          ? 'put the shell expansion between {% raw %} and {% endraw %}'
          : 'close it, or put literal braces between {% raw %} and {% endraw %}',
      );
    }
    this.at = commentEnd.lastIndex;
  }

  private readRaw(start: number): void {
    rawEnd.lastIndex = start;
    const end = rawEnd.exec(this.source);
    if (!end) throw new LexicalError('{% raw %} is never closed', this.lineAt(start), 'add {% endraw %}');
    const data = this.source.slice(start, end.index);
    this.pushText(end[1] === '-' ? stripText(data, null, false, true) : data, start);
    this.at = rawEnd.lastIndex;
  }

  private pushText(data: string, start: number): void {
    if (data !== '') this.queue.push(this.token(lexer.TOKEN_DATA, data, start));
  }

  private codeToken(inside: 'block' | 'variable'): Token {
    const start = this.at;
    if (this.open.length === 0) {
      const end = this.match(inside === 'block' ? blockEnd : variableEnd);
      if (end !== null) {
        this.inside = null;
        return this.token(inside === 'block' ? lexer.TOKEN_BLOCK_END : lexer.TOKEN_VARIABLE_END, end, start);
      }
    }
    if (this.match(space) !== null) return this.token(lexer.TOKEN_WHITESPACE, ' ', start);
    const float = this.match(floatNumber);
    if (float !== null) return this.token(lexer.TOKEN_FLOAT, float.replaceAll('_', ''), start);
    const int = this.match(intNumber);
    if (int !== null) return this.token(lexer.TOKEN_INT, int.replaceAll('_', ''), start);
    const word = this.match(name);
    if (word !== null) {
      if (!identifier.test(word)) throw new LexicalError('invalid character in an identifier', this.lineAt(start), bracesRemedy);
      // Python takes names that differ by this for one variable.
      const normal = word.normalize('NFKC');
      if (word !== normal)
        throw new LexicalError(`the name '${word}' is not in Unicode's form NFKC`, this.lineAt(start), `write '${normal}'`);
      return this.token(lexer.TOKEN_SYMBOL, word, start);
    }
    const literal = this.match(text);
    if (literal !== null) return this.token(lexer.TOKEN_STRING, this.unescape(literal.slice(1, -1), start), start);
    const symbol = this.match(operator);
    if (symbol !== null) {
      this.balance(symbol, start);
      return this.token(tokenTypes[symbol] ?? lexer.TOKEN_OPERATOR, symbol, start);
    }
    const character = String.fromCodePoint(this.source.codePointAt(start) ?? 0);
    const isQuote = character === '"' || character === "'";
    throw new LexicalError(isQuote ? 'a string is never closed' : `unexpected character '${character}'`, this.lineAt(start), bracesRemedy);
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.source);
    if (!match) return null;
    this.at = pattern.lastIndex;
    return match[0];
  }

  private balance(symbol: string, start: number): void {
    if (symbol in closing) this.open.push(closing[symbol]);
    else if (symbol === ')' || symbol === ']' || symbol === '}') {
      const expected = this.open.pop();
      if (expected !== symbol) {
        const wanted = expected === undefined ? '' : `, expected '${expected}'`;
        throw new LexicalError(`unexpected '${symbol}'${wanted}`, this.lineAt(start), bracesRemedy);
      }
    }
  }

  /** Python's escapes; an unknown one keeps its backslash. */
  private unescape(body: string, start: number): string {
    if (!body.includes('\\')) return body;
    return body.replace(
      /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{0,2})|u([0-9a-fA-F]{0,4})|U([0-9a-fA-F]{0,8})|([\s\S]))/gu,
      (whole, octal?: string, hex?: string, short?: string, long?: string, single?: string) => {
        if (octal !== undefined) return String.fromCodePoint(parseInt(octal, 8));
        const digits = hex ?? short ?? long;
        if (digits !== undefined) {
          const code = parseInt(digits, 16);
          if (digits.length !== (hex !== undefined ? 2 : short !== undefined ? 4 : 8) || code > 0x10ffff) {
            throw new LexicalError(`truncated or invalid escape ${whole}`, this.lineAt(start), 'write \\\\ for a backslash');
          }
          return String.fromCodePoint(code);
        }
        const simple: Record<string, string> = {
          '\n': '',
          '\\': '\\',
          "'": "'",
          '"': '"',
          a: '\x07',
          b: '\b',
          f: '\f',
          n: '\n',
          r: '\r',
          t: '\t',
          v: '\v',
        };
        const character = single ?? '';
        if (character in simple) return simple[character];
        if (character === 'N')
          throw new LexicalError('\\N{..} escapes are not supported', this.lineAt(start), 'write the character itself');
        const code = character.codePointAt(0) ?? 0;
        if (code < 0x80) return whole;
        // Jinja2 writes such a character as an escape of its own first, and the backslash before it then escapes that one.
        return code < 0x100
          ? `\\x${code.toString(16)}`
          : code < 0x10000
            ? `\\u${code.toString(16).padStart(4, '0')}`
            : `\\U${code.toString(16).padStart(8, '0')}`;
      },
    );
  }

  /** The line of a position; positions are asked for in ascending order. */
  private lineAt(position: number): number {
    for (let at = this.source.indexOf('\n', this.counted); at !== -1 && at < position; at = this.source.indexOf('\n', at + 1)) {
      this.lineno++;
      this.counted = at + 1;
    }
    return this.lineno;
  }

  private token(type: string, value: string, start: number): Token {
    return { type, value, lineno: this.lineAt(start), colno: 0 };
  }
}
