import { SyntaxFault, notInDialect } from '../fault';
import { BaseLexer, Token } from './nunjucks';

/** What Python takes for white space; JavaScript's \s differs. */
export const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const leadingSpace = new RegExp(`[${SPACE}]*`, 'y');
const isSpace = new RegExp(`[${SPACE}]`);
const rawStart = new RegExp(`\\{%[-+]?[${SPACE}]*raw[${SPACE}]*(-?)%\\}`, 'y');
const rawEnd = new RegExp(`\\{%([-+]?)[${SPACE}]*endraw[${SPACE}]*([-+]?)%\\}`, 'g');
const number = /^(0|[1-9][0-9]*)$/;
const letters: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '', '"': '"', "'": "'", '\\': '\\' };

/** What to do where braces are no tag. */
export const BRACES = 'text with such braces belongs between {% raw %} and {% endraw %}';

/** The text without white space at its end. A regular expression would take quadratic time. */
export function withoutTrailingSpace(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace.test(text[end - 1])) end--;
  return text.slice(0, end);
}

/**
 * nunjucks' tokenizer inside of tags. The text between them is read here, as Jinja2 reads it: white space control,
 * comments, raw blocks and one newline at the end of the file are done with when the parser sees it.
 *
 * @internal
 */
export class DialectLexer extends BaseLexer {
  /** How many brackets are open: `}}` inside of them ends no tag. */
  private brackets = 0;
  private opened = { text: '', lineno: 0 };
  private readonly opening: RegExp;

  public constructor(source: string, shellLengthIsText: boolean) {
    super(source.replace(/\r\n?/g, '\n').replace(/\n$/, ''));
    // Without escaping Jinja2 is followed, except where it would fail because the comment is never closed.
    this.opening = shellLengthIsText ? /\{(?:[{%]|(?<!\$\{)#)/g : /\{[{%#]/g;
  }

  public override nextToken(): Token | null {
    return this.in_code ? this.codeToken() : this.dataToken();
  }

  private dataToken(): Token | null {
    while (!this.isFinished()) {
      this.opening.lastIndex = this.index;
      const found = this.nextOpening();
      if (found !== this.index) {
        const { index, lineno } = this;
        const data = this.str.slice(index, found);
        const text = this.str[found + 2] === '-' ? withoutTrailingSpace(data) : data;
        this.moveTo(found);
        if (text !== '') return { type: 'data', value: text, lineno };
      } else if (this.str[found + 1] === '#') this.skipComment();
      else {
        rawStart.lastIndex = found;
        const raw = rawStart.exec(this.str);
        if (!raw) return this.openTag();
        const data = this.rawData(raw[0].length, raw[1] === '-');
        if (data.value !== '') return data;
      }
    }
    return null;
  }

  private nextOpening(): number {
    for (let match = this.opening.exec(this.str); match; match = this.opening.exec(this.str)) {
      const after = match.index + 2;
      const isShellLength = match[0] === '{#' && this.str[match.index - 1] === '$' && after < this.len && !this.str.includes('#}', after);
      if (!isShellLength) return match.index;
    }
    return this.len;
  }

  private openTag(): Token {
    const { lineno } = this;
    const text = this.str.slice(this.index, this.index + 2);
    this.moveTo(this.index + (/[-+]/.test(this.str[this.index + 2] ?? '') ? 3 : 2));
    this.in_code = true;
    this.brackets = 0;
    this.opened = { text, lineno };
    return { type: text === '{%' ? 'block-start' : 'variable-start', value: text, lineno };
  }

  private skipComment(): void {
    const end = this.str.indexOf('#}', this.index + 2);
    if (end === -1) throw new SyntaxFault(this.lineno, "a comment '{#' is never closed", "close it with '#}'");
    const strips = this.str[end - 1] === '-' && end > this.index + 2;
    this.moveTo(end + 2);
    if (strips) this.skipSpace();
  }

  private rawData(length: number, strips: boolean): Token {
    const { lineno: openedAt } = this;
    this.moveTo(this.index + length);
    if (strips) this.skipSpace();
    const { index, lineno } = this;
    rawEnd.lastIndex = index;
    const end = rawEnd.exec(this.str);
    if (!end) throw new SyntaxFault(openedAt, '{% raw %} is never closed', 'close it with {% endraw %}');
    const data = this.str.slice(index, end.index);
    this.moveTo(end.index + end[0].length);
    if (end[2] === '-') this.skipSpace();
    return { type: 'data', value: end[1] === '-' ? withoutTrailingSpace(data) : data, lineno };
  }

  private skipSpace(): void {
    leadingSpace.lastIndex = this.index;
    this.moveTo(this.index + (leadingSpace.exec(this.str)?.[0].length ?? 0));
  }

  private moveTo(index: number): void {
    for (let at = this.str.indexOf('\n', this.index); at !== -1 && at < index; at = this.str.indexOf('\n', at + 1)) this.lineno++;
    this.index = index;
  }

  private codeToken(): Token {
    const { lineno, str } = this;
    if (this.isFinished()) {
      throw new SyntaxFault(this.opened.lineno, `'${this.opened.text}' is never closed`, `close the tag; ${BRACES}`);
    }
    const closing = /^[-+]?[}%]\}/.test(str.slice(this.index, this.index + 3));
    if (this.brackets > 0 && closing) {
      const value = str[this.index];
      this.forward();
      if (value === '}') this.brackets--;
      return { type: value === '}' ? 'right-curly' : 'operator', value, lineno };
    }
    if (str.startsWith('+%}', this.index)) this.forward();
    if (str.startsWith('r/', this.index)) throw notInDialect(lineno, 'a regular expression r/../', "use 'in' or .startswith()");
    const token = super.nextToken()!;
    if (token.type.startsWith('left-')) this.brackets++;
    else if (token.type.startsWith('right-')) this.brackets--;
    if (/-end$/.test(token.type) && token.value.startsWith('-')) {
      this.skipSpace();
      return { ...token, value: token.value.slice(1) };
    }
    this.check(token);
    return token;
  }

  /** Refuses what nunjucks reads and Jinja2 does not, or reads in another way. */
  private check({ type, value, lineno }: Token): void {
    if (value === '===' || value === '!==') throw notInDialect(lineno, value, `write ${value.slice(0, 2)}`);
    if (type === 'none' && value === 'null') throw notInDialect(lineno, 'null', 'write none');
    const isNumber = type === 'float' || type === 'int' || (type === 'symbol' && /^[0-9]/.test(value));
    if (isNumber && !(number.test(value) && Number.isSafeInteger(Number(value))))
      throw notInDialect(lineno, `the number ${value}`, 'write a decimal integer up to 2**53, or text');
    if (type === 'symbol' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(value))
      throw new SyntaxFault(lineno, `'${value}' is no name`, `put quotes around text; ${BRACES}`);
  }

  /** Python's escapes: those it does not know stay as they are. */
  public _parseString(delimiter: string): string {
    const { lineno } = this;
    let end = this.index + 1;
    while (end < this.len && this.str[end] !== delimiter) end += this.str[end] === '\\' ? 2 : 1;
    if (end >= this.len) throw new SyntaxFault(lineno, 'a string is never closed', `close it with ${delimiter}`);
    const text = this.str.slice(this.index + 1, end);
    this.moveTo(end + 1);
    return text.replace(/\\([^])/g, (all, letter: string) => {
      if (/[abfvxuUN0-7]/.test(letter))
        throw notInDialect(lineno, `the escape ${all} in a string`, 'write the character itself; a backslash is \\\\');
      return letters[letter] ?? all;
    });
  }
}
