import { Word } from './bash-word';

/** What a command makes of one of its words, beyond text. */
export type WordMeaning = 'text' | 'code' | 'names' | 'assignment' | 'integers' | 'array';

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const EVALUATORS = setOf('eval let trap');
const DECLARATIONS = setOf('declare typeset local readonly');
const SHELLS = setOf('bash sh dash ash ksh mksh zsh rbash csh tcsh');
const USER_SWITCHERS = setOf('su runuser');
const USER_EDITORS = setOf('useradd usermod adduser chsh');
/** Commands that run the command in their arguments, of which they make nothing else. */
const RUNNERS = setOf('sudo doas env nice nohup timeout setsid ionice stdbuf exec time');
const OPTION_OF_RUNNER_WITH_ARGUMENT = /^-(?:[A-Za-z]*[ugU]|-user|-group)$/;
/** Commands to which the path of a shell is text; any other one may run it. */
const TAKES_SHELL_AS_TEXT = new Set([...setOf('for select grep egrep fgrep echo printf cat cp mv ln ls install test ['), ...USER_EDITORS]);
const OPTION_WITH_ARGUMENT = /^(?:[-+][A-Za-z]*[oO]|--rcfile|--init-file)$/;
/** The options of su and runuser after which code follows, and the same with the code in one word. */
const CODE_OPTION = /^(?:-[A-Za-z]*c|--(?:c|se)[a-z-]*)$/;
const CODE_OPTION_WITH_CODE = /^(?:-[A-Za-z]*c|--(?:c|se)[a-z-]*=)/;
const SHELL_VARIABLE = /^["']?\$(?:(?:BA)?SH(?:ELL)?|\{(?:BASH|SHELL|SH)(?:[:=-][^}]*)?\})["']?$/;
/** An expansion that may be no word at all, so that the next word is the command: $SUDO eval */
const MAY_BE_NOTHING = /^(?:(?!\$(?:\w+|\{\w+\})[./\0-])[$`]|"\$(?:@|\{[^}]*@))/;
const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/;
/** A word that is no option, whatever the expansions and values in it are. */
const PATH_OF_SCRIPT = /^(?:<\(|["']?[\w./~]|"\$(?:\w+|\{\w+\})"?\/[\w./-]+"?$|"\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\})"$)/;

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
  /** The command is one of {@link RUNNERS}, and the one that it runs has not come yet. */
  private isRunner = false;
  private hasCodeOption = false;
  private readsInput = false;
  private optionsEnded = false;
  /** The shell is the command itself or run by one that is known, not a word among the arguments of another one. */
  private isShell = false;
  private previous = '';

  /** What the next word is. `isCommandPosition` when a command may begin there. */
  public read(word: Word, isCommandPosition: boolean): WordMeaning {
    const { raw } = word;
    if (word.assignment && isCommandPosition && this.expecting === 'a command') {
      return 'assignment';
    }
    return this.readOne(word.text, raw, word.assignment);
  }

  private readOne(known: string | undefined, raw: string, isAssignment: boolean): WordMeaning {
    const text = known ?? '';
    const previous = this.previous;
    this.previous = text;
    switch (this.expecting) {
      case 'text':
        return 'text';
      case 'words to evaluate':
        return 'code';
      case 'names':
        return this.declared(isAssignment || ASSIGNMENT.test(raw.replace(/^["']/, '')), text, raw);
      case 'exports':
        return 'assignment';
      case 'options of a shell':
        return this.shellWord(known, raw, previous);
      case 'options of su':
        return isCodeAfterOption(raw, previous) ? 'code' : 'text';
      case 'a command':
      case 'words':
        break;
    }
    const name = SHELL_VARIABLE.test(raw) ? 'bash' : baseName(text);
    this.recognize(name, text, raw);
    // Behind another command than those a shell may be an argument like any other.
    this.isRunner &&= RUNNERS.has(name) || /^(?:-|\d)/.test(text) || ASSIGNMENT.test(text) || OPTION_OF_RUNNER_WITH_ARGUMENT.test(previous);
    return 'text';
  }

  private recognize(name: string, text: string, raw: string): void {
    const isCommand = this.expecting === 'a command';
    if (isCommand && (name === 'command' || name === 'builtin' || text.startsWith('-') || (name === '' && MAY_BE_NOTHING.test(raw)))) {
      // The command follows, perhaps behind options.
      return;
    }
    if (SHELLS.has(name) && !ASSIGNMENT.test(text)) {
      this.expecting = 'options of a shell';
      this.isShell = isCommand || this.isRunner;
    } else if (USER_SWITCHERS.has(name)) {
      this.expecting = 'options of su';
    } else if (isCommand) {
      this.isRunner = RUNNERS.has(name);
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
    if (this.optionsEnded && !this.hasCodeOption) {
      this.expecting = 'text';
      return 'text';
    }
    const option = text ?? raw.replace(/^\$?["']|(?<=^[-+])\$?["']/g, '');
    if (/^[-+]/.test(option)) {
      return this.optionOfShell(option, text);
    }
    const name = SHELL_VARIABLE.test(raw) ? 'bash' : baseName(text ?? '');
    if (SHELLS.has(name)) {
      // `find -name bash -exec bash -c ..`
      this.hasCodeOption = false;
    } else if (this.hasCodeOption) {
      this.expecting = 'text';
      return 'code';
    } else if (this.isShell && (USER_SWITCHERS.has(name) || RUNNERS.has(name))) {
      // `sudo -u sh env bash -c ..`
      this.expecting = 'words';
      this.recognize(name, text ?? '', raw);
    } else if (this.isShell && (text !== undefined || PATH_OF_SCRIPT.test(raw))) {
      this.expecting = 'text';
    } else if (text === undefined) {
      // It may have been an option.
      this.isShell = false;
    }
    return 'text';
  }

  private optionOfShell(option: string, text: string | undefined): WordMeaning {
    if (text === '--' || text === '-') {
      this.optionsEnded = this.isShell;
      if (this.readsInput && this.isShell && !this.hasCodeOption) {
        this.expecting = 'text';
      }
      return 'text';
    }
    if (!this.hasCodeOption && /^--[A-Za-z][\w-]*=/.test(option)) {
      // No option of a shell, but one of the script, or of the command that has the shell among its arguments.
      return !this.isShell && /^--(?:[a-z]+-)?command=/.test(option) ? 'code' : 'text';
    }
    this.hasCodeOption ||= /^-[A-Za-z]*c/.test(option);
    this.readsInput ||= /^-[A-Za-z]*s/.test(option);
    return 'code';
  }
}

function isCodeAfterOption(raw: string, previous: string): boolean {
  return CODE_OPTION.test(previous) || CODE_OPTION_WITH_CODE.test(raw.replace(/^["']/, ''));
}

function baseName(command: string): string {
  return command.replace(/^.*\//s, '');
}
