import { HereDocument, checkHereDocument, endOfHereDocument } from './bash-here-document';
import { BashContext } from './bash-place';
import { BashWordReader } from './bash-word-reader';
import { VALUE } from './script';

const ORDINARY_IN_HERE_DOCUMENT = /[^\0\\`$]+/y;

/**
 * Reads the here-documents of a bash script: their operators, and their bodies from the next newline on.
 *
 * @internal
 */
export abstract class BashHereDocumentReader extends BashWordReader {
  /** Those whose bodies come at the next newline. */
  private pending: HereDocument[] = [];

  protected hereDocumentStart(context: BashContext): void {
    const offset = this.pos;
    if (context.hereDocument) {
      throw this.unsupported(offset, 'a here-document in a here-document');
    }
    this.pos += 2;
    this.noContinuation();
    const stripTabs = this.match(/-/y) !== undefined;
    this.blanks();
    if (this.peek() === '#') {
      throw this.unexpected(this.pos, 'a comment');
    }
    const { delimiter, quoted } = this.delimiter(offset);
    if (delimiter === '') {
      throw this.unsupported(offset, 'a here-document that ends at the first empty line');
    }
    this.pending.push({ delimiter, quoted, stripTabs, offset, substitutions: context.substitutions });
  }

  private delimiter(offset: number): { readonly delimiter: string; readonly quoted: boolean } {
    let delimiter = '';
    let quoted = false;
    for (;;) {
      const c = this.peek();
      if (c === VALUE || (c === '\\' && this.peek(1) === VALUE)) {
        throw this.script.valueError(this.script.valueAt(this.script.nextValueOffset), {
          code: 'ValueInHereDocumentDelimiter',
          problem: 'a value cannot be the delimiter of a here-document',
          remedy: 'write the delimiter into the template',
        });
      }
      if (c === '' || /[ \t\n;&|<>()]/.test(c)) {
        return { delimiter, quoted };
      }
      if (c === '`' || (c === '$' && /['"({[]/.test(this.peek(1)))) {
        throw this.unsupported(offset, 'this delimiter of a here-document');
      }
      if (c === '\\') {
        if (this.peek(1) !== '\n') {
          quoted = true;
          delimiter += this.peek(1);
        }
        this.pos += 2;
      } else if (c === "'" || c === '"') {
        const text = this.match(c === "'" ? /'[^'\0\n]*'/y : /"(?:[^"\\`$\0\n]|\\[^\0\n]|\$(?![({['"\\\0]))*"/y);
        if (text === undefined) {
          throw this.unsupported(offset, 'this delimiter of a here-document');
        }
        quoted = true;
        delimiter += c === "'" ? text.slice(1, -1) : text.slice(1, -1).replace(/\\([\\"$`])/g, '$1');
      } else {
        delimiter += c;
        this.pos += 1;
      }
    }
  }

  /** A newline that is a token, not one in quotes: here the bodies of here-documents begin, in the order of their operators. */
  protected override newline(context: BashContext): void {
    const { pending } = this;
    if (pending.some((document) => document.substitutions < context.substitutions)) {
      // Bash versions disagree about here-documents that are still open where a command substitution begins or ends.
      throw this.unsupported(this.pos, 'a newline in a command inside of a line that begins a here-document');
    }
    this.pos += 1;
    this.pending = [];
    for (const document of pending) {
      this.body(document, context);
    }
  }

  protected override noPendingHereDocuments(substitutions = 0): void {
    const pending = this.pending.find((document) => document.substitutions >= substitutions);
    if (pending !== undefined) {
      throw this.unterminated(pending.offset, `the here-document ${pending.delimiter}`);
    }
  }

  private body(document: HereDocument, context: BashContext): void {
    const last = endOfHereDocument(document, this.source, this.pos, this.end);
    if (last === undefined) {
      throw this.unterminated(document.offset, `the here-document ${document.delimiter}`);
    }
    const outerEnd = this.end;
    this.script.copyTo(this.pos);
    const mark = this.script.mark();
    this.end = last.start;
    if (document.quoted) {
      while (this.script.nextValueOffset < last.start) {
        this.pos = this.script.nextValueOffset;
        this.value({ kind: 'quoted here-document' }, context);
      }
    } else {
      this.text({ ...context, hereDocument: true });
    }
    this.end = outerEnd;
    this.script.copyTo(last.start);
    if (checkHereDocument(document, this.script, mark)) {
      throw this.unsupported(document.offset, 'a here-document in $(..) with a line that begins with its delimiter');
    }
    this.pos = Math.min(last.end + 1, this.end);
  }

  private text(context: BashContext): void {
    while (this.pos < this.end) {
      this.skip(ORDINARY_IN_HERE_DOCUMENT);
      switch (this.peek()) {
        case VALUE:
          this.value({ kind: 'here-document' }, context);
          break;
        case '\\':
          this.backslashInDoubleQuotes();
          break;
        case '`':
          this.backticks();
          break;
        case '$':
          this.dollar(context, true);
          break;
      }
    }
  }
}
