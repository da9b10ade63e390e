/** What the command ends with; `docs/sessions.md` and the help have the same table. */
export const EXIT = {
  DONE: 0,
  /** What was asked for could not be done. */
  FAILED: 1,
  /** Arguments or settings are wrong; nothing was sent to AWS. */
  USAGE: 2,
  /** There is no such session, image or build. */
  NOT_FOUND: 3,
  TIMED_OUT: 4,
  /** AWS refused the call, or could not be reached. */
  AWS: 5,
} as const;

export const EXIT_TABLE = `
Exit status:
  0    done
  1    failed: a session or a build that failed, a template with a mistake, a file that cannot be written
  2    wrong usage: arguments, the values of options, Region or profile; nothing was sent to AWS
  3    there is no such session, image or build
  4    the time to wait is over
  5    AWS refused the call or could not be reached
  130  interrupted (SIGINT); a session that was requested and a build that was started go on`;

/** What every message of the command on standard error begins with. */
export const PREFIX = 'cluster-nodes: ';

/** The parser's own messages, with the prefix of all others. */
export function withPrefix(text: string): string {
  return text.replace(/^error: /, PREFIX);
}

/** Says something on standard error that changes nothing of the exit status. */
export function warn(message: string): void {
  process.stderr.write(`${PREFIX}warning: ${message}\n`);
}
