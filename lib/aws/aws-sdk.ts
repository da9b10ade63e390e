import { createRequire } from 'node:module';
import * as path from 'node:path';
import { OperationError } from './operation-error';

/**
 * A client of the AWS SDK. From Python, Java, .NET and Go the library runs in a folder that jsii makes and nobody can install
 * into, so that the folder the program runs in is looked into as well.
 *
 * @param what what needs it, in the plural
 * @param name npm package
 * @param load requires the package by a literal name, which bundlers follow
 * @throws SdkMissing when it is in neither place
 * @internal
 */
export function loadSdk<T>(what: string, name: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
  }
  try {
    return createRequire(path.join(process.cwd(), 'program.js'))(name) as T;
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new OperationError(
      'SdkMissing',
      `${what} need the npm package ${name}, which is neither installed with this library nor in ${process.cwd()}`,
      `run there, where the program runs: npm install ${name}`,
      { cause: error },
    );
  }
}

/** A module that the SDK itself misses is another matter, and its own message says which. */
function isMissing(error: unknown, name: string): boolean {
  return (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' && String((error as Error).message).includes(`'${name}'`);
}
