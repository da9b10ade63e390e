import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { errorText } from '../../lib/aws/call-errors';
import { OperationError } from '../../lib/aws/operation-error';
import { EXIT } from './exit-status';

const STATUS_OF_CODE: { readonly [code in OperationError['code']]?: number } = {
  InvalidRequest: EXIT.USAGE,
  SessionNotFound: EXIT.NOT_FOUND,
  ImageNotFound: EXIT.NOT_FOUND,
  BuildNotFound: EXIT.NOT_FOUND,
  WaitTimeout: EXIT.TIMED_OUT,
  RequestUncertain: EXIT.AWS,
};

/** What went wrong: one line, with what to do where that is known, and below it the details, if any; and the exit status. */
export function failureOf(error: unknown): { readonly text: string; readonly status: number } {
  if (error instanceof OperationError) {
    const details = error.details.map((line) => `\n  ${printable(line)}`).join('');
    return { text: printable(error.summary) + details, status: STATUS_OF_CODE[error.code] ?? EXIT.FAILED };
  }
  const text = printable(errorText(error));
  const noRegion = /^Region is missing/.test(text);
  const noCredentials = error instanceof Error && error.name === 'CredentialsProviderError';
  if (noRegion || noCredentials) {
    const profile = missingProfile();
    if (profile !== undefined) return { text: profile, status: EXIT.USAGE };
  }
  if (noRegion) return { text: 'no AWS Region is set; pass --region or set AWS_REGION', status: EXIT.USAGE };
  if (noCredentials) {
    return { text: `no AWS credentials were found (${printable(error.message)}); sign in or set AWS_PROFILE`, status: EXIT.AWS };
  }
  // By the names of the system; ERR_.. is what Node.js says of a program.
  if (error instanceof Error && 'code' in error && /^E(?!RR_)[A-Z_]+$/.test(String(error.code))) {
    return { text: `AWS could not be reached (${text}); check the Region and the network`, status: EXIT.AWS };
  }
  // What AWS says has the facts of the call, and what the network says a code. Anything else is a mistake of ours.
  const ofCall = error instanceof Error && ('$metadata' in error || 'code' in error);
  return { text, status: ofCall ? EXIT.AWS : EXIT.FAILED };
}

/** Text of others on one line of somebody's terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
}

/** What is wrong with the profile when no file has it. The SDK then only says that it has no credentials, or no Region. */
function missingProfile(): string | undefined {
  const { AWS_PROFILE, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env;
  if (AWS_PROFILE === undefined || AWS_PROFILE === '') return undefined;
  const files = [
    AWS_CONFIG_FILE ?? path.join(os.homedir(), '.aws', 'config'),
    AWS_SHARED_CREDENTIALS_FILE ?? path.join(os.homedir(), '.aws', 'credentials'),
  ];
  const named = files.filter((file) => fs.existsSync(file)).flatMap((file) => profilesIn(fs.readFileSync(file, 'utf8')));
  if (named.includes(AWS_PROFILE)) return undefined;
  return `the AWS profile ${printable(AWS_PROFILE)} (AWS_PROFILE) is neither in ${files.join(' nor in ')}`;
}

function profilesIn(text: string): string[] {
  return [...text.matchAll(/^\s*\[\s*(?:profile\s+)?["']?([^\]"']*?)["']?\s*\]/gm)].map((match) => match[1]);
}
