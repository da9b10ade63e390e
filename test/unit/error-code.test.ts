import * as fs from 'fs';
import * as path from 'path';
import { ErrorCode } from '../../lib';

const LIB = path.join(__dirname, '..', '..', 'lib');

/** Codes as the sources write them: in the details of an error, as the first argument of an error or fault, or of what a property has to be. */
function thrownCodes(): Map<string, string> {
  const codes = new Map<string, string>();
  for (const name of fs.readdirSync(LIB, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.endsWith('.d.ts')) continue;
    const source = fs.readFileSync(path.join(LIB, name), 'utf8');
    for (const match of source.matchAll(
      /\bcode(?::| =) '([A-Z]\w+)'|\w(?:Error|Fault)\(\s*'([A-Z][A-Za-z]+)'|\brequireKnown\(\w+, '([A-Z]\w+)'/g,
    )) {
      codes.set(match[1] ?? match[2] ?? match[3], name);
    }
  }
  return codes;
}

test('every code that the library throws is in ErrorCode, and no other', () => {
  const thrown = thrownCodes();
  expect(thrown.get('ArchitectureMismatch')).toBe(path.join('nodes', 'private', 'node-checks.ts'));
  expect(thrown.get('ValueInShebang')).toContain('escaping');
  expect([...thrown.keys()].sort()).toEqual(Object.values<string>(ErrorCode).sort());
});

test.each(Object.entries(ErrorCode))('%s is spelled as its code', (member, code) => {
  expect(member).toBe(code.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase());
});
