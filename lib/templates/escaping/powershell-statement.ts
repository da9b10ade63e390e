import type { Problem } from './script';
import type { ValueSegment } from './segments';

/** Runs the text of its argument, or what comes through the pipeline. */
const EVALUATOR = /^(?:Microsoft\.PowerShell\.Utility\\)?(?:Invoke-Expression|iex)$/i;
/** Makes code of text. */
const MAKER =
  /\[(?:System\.)?(?:Management\.Automation\.)?ScriptBlock\]::Create$|\.(?:InvokeScript|NewScriptBlock|ExpandString|AddScript)$/i;
/** The last part of a path, whatever it is quoted with. */
const SHELL = /(?:^|[\\/"'])(?:powershell|pwsh)(?:\.exe)?["']?$/i;
const COMMAND_PROCESSOR = /(?:^|[\\/"'])cmd(?:\.exe)?["']?$|^["']?\$\{?env:ComSpec\}?["']?$/i;
/** The option after which code stands: `-Command`, `-EncodedCommand` and their short forms, `/c`, `/k` and `/r`. */
const CODE_OPTION_OF_SHELL = /(?<![\w-])[-/](?:c(?:o(?:m(?:m(?:a(?:nd?)?)?)?)?)?|e(?:c|n[a-z]*)?)(?![\w-])/i;
const CODE_OPTION_OF_COMMAND_PROCESSOR = /(?<![\w/])\/[ckr]/i;
/** A shell without an option that says so takes the first argument that is none of an option for code. */
const FILE_OPTION_OF_SHELL = /(?<![\w-])[-/]f(?:i(?:le?)?)?(?![\w-])/i;
/** Right before the value. */
const OPTION_WITH_ARGUMENT = /[-/](?:ep|ex[a-z]*|v[a-z]*|ps[a-z]*|w[a-z]*|i[nf][a-z]*|o[a-z]*|config[a-z]*|cus[a-z]*|s[a-z]*)\s+["']?$/i;
/** Words after which a command begins. */
const BEFORE_COMMAND = /^(?:|.*=|\.|return|throw|Start-Process|start|saps|-FilePath)$/i;

interface Word {
  readonly raw: string;
  readonly end: number;
  /** Whether a command may begin here. */
  readonly isCommand: boolean;
}

interface Statement {
  readonly words: Word[];
  readonly values: { readonly segment: ValueSegment; readonly offset: number }[];
  parentheses: number;
  /** Whether the statement goes on behind the end of the line. */
  goesOn: boolean;
}

const AS_CODE: Problem = {
  code: 'ValueAsCode',
  problem: 'the command runs text that stands here as code, and with it the value',
  remedy:
    'call the program or command itself, with the value as an argument: & $Program {{ value }}; a script that another PowerShell is to run gets it behind -File',
};

/**
 * Follows the words of statements, to know which of them would run a value as code.
 *
 * @internal
 */
export class StatementReader {
  private readonly outer: Statement[] = [];
  private statement = begin();

  public constructor(
    private readonly source: string,
    private readonly fail: (value: ValueSegment, problem: Problem) => Error,
  ) {}

  /** A word with its strings, from its first character to the one behind it. */
  public word(start: number, end: number): void {
    if (end === start) {
      return;
    }
    const { words } = this.statement;
    const raw = this.source.slice(start, end);
    const between = words.length === 0 ? '' : this.source.slice(words[words.length - 1].end, start);
    words.push({ raw, end, isCommand: words.length === 0 || /[|(&]/.test(between) || BEFORE_COMMAND.test(words.at(-1)!.raw) });
    this.statement.goesOn = false;
  }

  public value(segment: ValueSegment, offset: number): void {
    this.statement.values.push({ segment, offset });
  }

  /** A character outside of strings that ends a word. */
  public boundary(c: string): void {
    const { statement } = this;
    if (c === '(') {
      statement.parentheses += 1;
    } else if (c === ')') {
      statement.parentheses -= 1;
    } else if (c === '|' || c === ',') {
      statement.goesOn = true;
    } else if (c === '{') {
      this.outer.push(statement);
      this.statement = begin();
    } else if (c === '}') {
      this.end();
      this.statement = this.outer.pop() ?? begin();
    } else if (c === ';' || (/[\r\n]/.test(c) && statement.parentheses <= 0 && !statement.goesOn)) {
      this.end();
      this.statement = begin();
    }
  }

  /** @throws for a value that the statement would run */
  public end(): void {
    const { words, values } = this.statement;
    if (values.length === 0) {
      return;
    }
    if (words.some(({ raw }) => EVALUATOR.test(raw))) {
      throw this.fail(values[0].segment, AS_CODE);
    }
    for (const word of words) {
      const runs = codeBehind(word);
      const run = runs && values.find(({ offset }) => offset >= word.end && runs(this.source.slice(word.end, offset)));
      if (run !== undefined) {
        throw this.fail(run.segment, AS_CODE);
      }
    }
  }
}

/** Whether a word makes code of what stands behind it and the text in between; undefined for a word that makes none of anything. */
function codeBehind({ raw, isCommand }: Word): ((between: string) => boolean) | undefined {
  if (MAKER.test(raw)) {
    return () => true;
  }
  if (COMMAND_PROCESSOR.test(raw)) {
    return (between) => CODE_OPTION_OF_COMMAND_PROCESSOR.test(between);
  }
  if (!SHELL.test(raw)) {
    return undefined;
  }
  return (between) =>
    CODE_OPTION_OF_SHELL.test(between) || (isCommand && !FILE_OPTION_OF_SHELL.test(between) && !OPTION_WITH_ARGUMENT.test(between));
}

function begin(): Statement {
  return { words: [], values: [], parentheses: 0, goesOn: false };
}
