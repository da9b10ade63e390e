import { Word } from './bash-word';

/** What a command makes of one of its words, beyond text. */
export type WordMeaning = 'text' | 'code' | 'names' | 'assignment' | 'integers' | 'array';

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const EVALUATORS = setOf('eval let trap');
const DECLARATIONS = setOf('declare typeset local readonly');
const SHELLS = setOf('bash sh dash ash ksh mksh zsh rbash csh tcsh');
const USER_SWITCHERS = setOf('su runuser');
const USER_EDITORS = setOf('useradd usermod adduser chsh');
/** Commands to which the path of a shell is text; any other one may run it. */
const TAKES_SHELL_AS_TEXT = new Set([...setOf('for select grep egrep fgrep echo printf cat cp mv ln ls install test ['), ...USER_EDITORS]);
const OPTION_WITH_ARGUMENT = /^(?:[-+][A-Za-z]*[oO]|--rcfile|--init-file)$/;
/** The option after which code follows, or in which it stands: of shells and what runs them, and of su and runuser. */
const CODE_OPTION_OF_SHELL = /^(?:-[A-Za-z]*c|--(?:[a-z]+-)?command(?:=|$))/;
const CODE_OPTION_OF_SU = /^(?:-[A-Za-z]*c|--(?:c|se)[a-z-]*(?:=|$))/;
const SHELL_VARIABLE = /^["']?\$\{?(?:(?:BA)?SH(?:ELL)?)\b/;
/** An expansion that may be no word at all, so that the next word is the command: $SUDO eval */
const MAY_BE_NOTHING = /^(?:(?!\$(?:\w+|\{\w+\})[./\0-])[$`]|"\$(?:@|\{[^}]*@))/;
const ASSIGNMENT = /^["']?[A-Za-z_]\w*\+?=/;

/** `words`: of a command that may run another one, as sudo does. `text`: nothing that would be code any more. */
type Expecting = 'a command' | 'words' | 'words to evaluate' | 'names' | 'exports' | 'options' | 'text';

/**
 * Follows the words of one command, to know which of them it reads as code, as names or as numbers.
 *
 * @internal
 */
export class CommandReader {
  private expecting: Expecting = 'a command';
  /** The options of `declare` and its like. */
  public attributes = '';
  private codeOption = CODE_OPTION_OF_SHELL;
  private hasCodeOption = false;
  /** The shell is the command itself, not a word among the arguments of another one. */
  private isShell = false;
  private previous = '';

  /** What the next word is. `isCommandPosition` when a command may begin there. */
  public read(word: Word, isCommandPosition: boolean): WordMeaning {
    const { previous } = this;
    this.previous = word.text ?? '';
    switch (this.expecting) {
      case 'text':
        return 'text';
      case 'words to evaluate':
        return 'code';
      case 'names':
        return this.declared(word);
      case 'exports':
        return 'assignment';
      case 'options':
        return this.afterShell(word, previous);
      case 'words':
        this.recognize(word);
        return 'text';
      case 'a command':
        if (word.assignment && isCommandPosition) {
          return 'assignment';
        }
        this.recognizeCommand(word);
        return 'text';
    }
  }

  private recognizeCommand(word: Word): void {
    const name = nameOf(word);
    if (name === 'command' || name === 'builtin' || name.startsWith('-') || (name === '' && MAY_BE_NOTHING.test(word.raw))) {
      // The command follows, perhaps behind options.
      return;
    }
    this.isShell = SHELLS.has(name);
    if (EVALUATORS.has(name)) {
      this.expecting = 'words to evaluate';
    } else if (DECLARATIONS.has(name)) {
      this.expecting = 'names';
    } else if (name === 'export') {
      this.expecting = 'exports';
    } else if (TAKES_SHELL_AS_TEXT.has(name)) {
      this.expecting = 'text';
    } else {
      this.expecting = 'words';
      this.recognize(word);
    }
  }

  /** A shell, wherever it stands among the words. */
  private recognize(word: Word): boolean {
    const name = nameOf(word);
    const isSwitcher = USER_SWITCHERS.has(name);
    if (isSwitcher || SHELLS.has(name)) {
      this.expecting = 'options';
      this.codeOption = isSwitcher ? CODE_OPTION_OF_SU : CODE_OPTION_OF_SHELL;
      this.hasCodeOption = false;
      return true;
    }
    if (USER_EDITORS.has(name)) {
      this.expecting = 'text';
    }
    return false;
  }

  private declared(word: Word): WordMeaning {
    const option = /^[-+]([A-Za-z]+)$/.exec(word.text ?? '');
    if (option) {
      this.attributes += option[1];
      return 'text';
    }
    if (/^["']?[-+]/.test(word.raw) && word.text === undefined) {
      // Options that nobody knows.
      this.attributes += 'in';
    }
    if (this.attributes.includes('n')) return 'code';
    if (!word.assignment && !ASSIGNMENT.test(word.raw)) return 'names';
    if (this.attributes.includes('i')) return 'integers';
    return /[aA]/.test(this.attributes) ? 'array' : 'assignment';
  }

  /**
   * Options end at the first word that is none: the code, or the name of a script, whose arguments are text. What an
   * expansion is nobody knows, and the words behind a shell in the arguments of another command may be that command's.
   */
  private afterShell(word: Word, previous: string): WordMeaning {
    if (OPTION_WITH_ARGUMENT.test(previous)) {
      return 'text';
    }
    const option = word.text ?? word.raw.replace(/^\$?["']|(?<=^[-+])\$?["']/g, '');
    if (/^[-+]/.test(option)) {
      const isCode = this.hasCodeOption || this.isShell || this.codeOption.test(option);
      this.hasCodeOption ||= this.codeOption.test(option);
      this.endOptions(option === '--' && !this.hasCodeOption);
      return isCode ? 'code' : 'text';
    }
    if (!this.isShell && this.recognize(word)) {
      return 'text';
    }
    if (this.hasCodeOption) {
      this.hasCodeOption = false;
      this.endOptions(true);
      return 'code';
    }
    this.endOptions(word.text !== undefined);
    // It may have been an option.
    this.isShell &&= word.text !== undefined;
    return 'text';
  }

  private endOptions(isEnd: boolean): void {
    this.expecting = isEnd && this.isShell ? 'text' : this.expecting;
  }
}

/** The last part of the path of a command, '' when it is not known. */
function nameOf(word: Word): string {
  return SHELL_VARIABLE.test(word.raw) ? 'bash' : (word.text ?? '').replace(/^.*\//s, '');
}
