import { Word } from './bash-word-reader';

/** What a command makes of one of its words, beyond text. */
export type WordMeaning = 'text' | 'code' | 'names' | 'assignment' | 'integers' | 'array';

const EVALUATORS = new Set(['eval', 'let', 'trap']);
const DECLARATIONS = new Set(['declare', 'typeset', 'local', 'readonly']);
const SHELLS = new Set(['bash', 'sh', 'dash', 'ash', 'ksh', 'zsh', 'rbash']);
const USER_SWITCHERS = new Set(['su', 'runuser']);
const USER_EDITORS = new Set(['useradd', 'usermod', 'adduser', 'chsh']);
/** Commands to which the path of a shell is text; any other one may run it. */
const TAKES_SHELL_AS_TEXT = new Set([
  ...'for select grep egrep fgrep echo printf cat cp mv ln ls install test ['.split(' '),
  ...USER_EDITORS,
]);
const QUOTED_ASSIGNMENT = /^["']?[A-Za-z_]\w*\+?=/;
/** With values in the name. */
const EXPORTED_ASSIGNMENT = /^["']?[A-Za-z_\0][\w\0]*\+?=/;
const OPTION_WITH_ARGUMENT = /^(?:[-+][A-Za-z]*[oO]|--rcfile|--init-file)$/;

/** `words`: of a command that may run another one, as sudo does. `text`: nothing that would be code any more. */
type Expecting = 'a command' | 'words' | 'words to evaluate' | 'names' | 'exports' | 'options of a shell' | 'options of su' | 'text';

/**
 * Follows the words of one command, to know which of them it reads as code, as names or as numbers.
 *
 * @internal
 */
export class CommandReader {
  private expecting: Expecting = 'a command';
  /** The options of `declare` and its like. */
  public attributes = '';
  private hasCodeOption = false;
  /** The shell is the command itself, not an argument of one that runs it. */
  private isShell = false;
  private previous = '';

  /** What the next word is. `raw` is its text in the script; `isCommandPosition` when a command may begin there. */
  public read(word: Word, raw: string, isCommandPosition: boolean): WordMeaning {
    const text = word.text ?? '';
    const previous = this.previous;
    this.previous = text;
    switch (this.expecting) {
      case 'text':
        return 'text';
      case 'words to evaluate':
        return 'code';
      case 'names':
        return this.declared(word.assignment || QUOTED_ASSIGNMENT.test(raw), text, raw);
      case 'exports':
        return EXPORTED_ASSIGNMENT.test(raw) ? 'assignment' : 'text';
      case 'options of a shell':
        return this.shellWord(word.text, raw, previous);
      case 'options of su':
        if (/^(?:-[A-Za-z]*c|--(?:session-)?command)$/.test(previous) || /^["']?(?:-[A-Za-z]*c|--(?:session-)?command=)/.test(raw)) {
          return 'code';
        }
        return 'text';
      case 'words':
        break;
      case 'a command':
        if (word.assignment && isCommandPosition) {
          return 'assignment';
        }
    }
    const name = /^["']?\$(?:(?:BA)?SH(?:ELL)?|\{(?:BASH|SHELL)\})["']?$/.test(raw) ? 'bash' : baseName(text);
    this.recognize(name, text);
    return 'text';
  }

  private recognize(name: string, text: string): void {
    const isCommand = this.expecting === 'a command';
    if (isCommand && (name === 'command' || name === 'builtin' || text.startsWith('-'))) {
      // The command follows, perhaps behind options.
      return;
    }
    if (SHELLS.has(name)) {
      this.expecting = 'options of a shell';
      this.isShell = isCommand;
    } else if (USER_SWITCHERS.has(name)) {
      this.expecting = 'options of su';
    } else if (isCommand) {
      this.expecting = EVALUATORS.has(name)
        ? 'words to evaluate'
        : DECLARATIONS.has(name)
          ? 'names'
          : name === 'export'
            ? 'exports'
            : TAKES_SHELL_AS_TEXT.has(name)
              ? 'text'
              : 'words';
    } else if (USER_EDITORS.has(name)) {
      this.expecting = 'text';
    }
  }

  private declared(isAssignment: boolean, text: string, raw: string): WordMeaning {
    const option = /^[-+]([A-Za-z]+)$/.exec(text);
    if (option) {
      this.attributes += option[1];
      return 'text';
    }
    if (/^["']?[-+]/.test(raw) && text === '') {
      // Options that nobody knows.
      this.attributes += 'in';
    }
    if (this.attributes.includes('n')) return 'code';
    if (!isAssignment) return 'names';
    if (this.attributes.includes('i')) return 'integers';
    return /[aA]/.test(this.attributes) ? 'array' : 'assignment';
  }

  /**
   * Options end at the first word that is none: the code, or the name of a script, whose arguments are text. What an
   * expansion is nobody knows, and the words behind a shell in the arguments of another command may be that command's.
   */
  private shellWord(text: string | undefined, raw: string, previous: string): WordMeaning {
    if (OPTION_WITH_ARGUMENT.test(previous)) {
      return 'text';
    }
    if (/^["']?[-+]/.test(raw)) {
      this.hasCodeOption ||= /^-[A-Za-z]*c/.test(text ?? '');
      return 'code';
    }
    const isShell = SHELLS.has(baseName(text ?? ''));
    if (this.hasCodeOption && !isShell) {
      this.expecting = 'text';
      return 'code';
    }
    if (isShell) {
      // `find -name bash -exec bash -c ..`
      this.hasCodeOption = false;
    } else if (this.isShell && text !== undefined) {
      this.expecting = 'text';
    }
    return 'text';
  }
}

function baseName(command: string): string {
  return command.replace(/^.*\//s, '');
}
