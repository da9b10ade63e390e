import * as fc from 'fast-check';
import * as fs from 'fs';
import * as path from 'path';
import { NodeUserData } from '../../../lib';
import { Segment } from '../../../lib/templates/escaping/segments';
import { addNode, allKinds, sampleCluster } from '../../sample-cluster';
import { bashCases } from '../../unit/templates/escaping/bash-cases';
import { Comparison, comparePlaces, faultsOf, withValueAt } from '../../unit/templates/escaping/second-reader';

const SEED = Number(process.env.ESCAPING_SEED ?? (process.env.CI === 'true' ? 20240229 : Math.floor(Math.random() * 2 ** 31)));
const CASES = process.env.CI ? 5_000 : 1_000;

/** Where a system keeps shell scripts; those that are not there are passed over. */
const FOLDERS = ['/etc/init.d', '/etc/profile.d', '/usr/bin', '/usr/sbin', '/usr/lib/git-core', '/var/lib/dpkg/info'];

const mockRendered: (readonly Segment[])[] = [];
jest.mock('../../../lib/templates/escaping/bash', () => {
  const actual = jest.requireActual<typeof import('../../../lib/templates/escaping/bash')>('../../../lib/templates/escaping/bash');
  return {
    ...actual,
    escapeBash: (segments: readonly Segment[]) => {
      mockRendered.push(segments);
      return actual.escapeBash(segments);
    },
  };
});

/** Values that are compared must be most of those that are tried: what neither reader can read shows nothing. */
function expectAgreement(compared: readonly (readonly Comparison[] | undefined)[], atLeast: number): void {
  expect(compared.flatMap(faultsOf)).toEqual([]);
  expect(compared.flatMap((each) => each ?? []).length).toBeGreaterThanOrEqual(atLeast);
}

describe(`unbash finds values at the same places (ESCAPING_SEED=${SEED})`, () => {
  test('in every Linux script of the library', () => {
    for (const kind of allKinds()) {
      NodeUserData.fromNode(addNode(sampleCluster().cluster, 'Node', kind));
    }
    const scripts = new Map(
      mockRendered.map((segments) => [JSON.stringify(segments.map((each) => (each.kind === 'text' ? each.text : 0))), segments]),
    );
    const compared = [...scripts.values()].map((segments) => comparePlaces(segments));
    expect(compared.filter((each) => each === undefined)).toEqual([]);
    expectAgreement(compared, 50);
  }, 300_000);

  test(`in ${CASES} random scripts`, () => {
    const cases = fc.sample(bashCases, { numRuns: CASES, seed: SEED });
    const scripts = cases.map(({ parts }) =>
      parts.map((part): Segment => (typeof part === 'string' ? { kind: 'text', text: part } : { kind: 'value', value: 7, template: 't' })),
    );
    expectAgreement(
      scripts.map((segments) => comparePlaces(segments)),
      CASES * 2,
    );
  }, 300_000);

  test('at random places of the scripts of this system', () => {
    const scripts = FOLDERS.flatMap(shellScripts);
    const places = fc.tuple(fc.nat({ max: Math.max(scripts.length - 1, 0) }), fc.double({ min: 0, max: 1, noNaN: true }));
    const compared = fc.sample(places, { numRuns: scripts.length === 0 ? 0 : CASES, seed: SEED }).map(([index, at]) => {
      const script = scripts[index];
      return comparePlaces(withValueAt(script, Math.floor(at * script.length)));
    });
    expectAgreement(compared, compared.length / 2);
  }, 300_000);
});

function shellScripts(folder: string): string[] {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return names.flatMap((name) => {
    const file = path.join(folder, name);
    // Long ones are read again for each value.
    if (!fs.existsSync(file) || !fs.statSync(file).isFile() || fs.statSync(file).size > 50_000) {
      return [];
    }
    const text = fs.readFileSync(file, 'utf8');
    return /^#!.*\b(?:ba|da)?sh\b/.test(text) && !text.includes('\0') ? [text] : [];
  });
}
