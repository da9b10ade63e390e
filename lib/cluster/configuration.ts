import { Annotations, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../construct-error';
import { editDistance } from '../templates/nearest-names';
import { CONTEXT_KEYS } from '../values/context-keys';
import { FIXED_KEYS } from '../values/fixed-keys';

/** What the configuration of a cluster can set of the library's own: the rest nodes set, each for itself. */
const OF_CLUSTERS = /^\/(configuration|dcv|system\/dcv)\//;

type Configuration = { readonly [key: string]: unknown };

/**
 * Keys of the library's own in a `configuration`: a value of another type than its default would fail on the node, and a name that
 * is nearly one is mostly a misspelled one.
 *
 * @throws for a key that the library itself goes by, or a value of another type
 * @internal
 */
export function checkConfiguration(place: IConstruct, configuration: Configuration = {}, ofCluster = false): void {
  for (const [key, value] of Object.entries(configuration)) {
    const known = Object.hasOwn(CONTEXT_KEYS, key) ? CONTEXT_KEYS[key] : undefined;
    if (Object.hasOwn(FIXED_KEYS, key)) {
      throw new ConstructError(
        'FixedKey',
        `expected no ${key} in configuration, since more than scripts goes by it, such as rules and permissions; ${FIXED_KEYS[key]}`,
        place,
      );
    }
    if (known !== undefined && ofCluster && !OF_CLUSTERS.test(key)) {
      throw new ConstructError('FixedKey', `expected no ${key} in configuration of a cluster, which nodes set; give it to a node`, place);
    }
    if (known === undefined) {
      warnOfMisspelled(place, key);
    } else if (value !== undefined && !Token.isUnresolved(value) && !known.type.split(' or ').some((type) => hasType(value, type))) {
      throw new ConstructError(
        'UnsupportedValue',
        `expected ${key} in configuration to be ${known.type}, got ${value === null ? 'None' : Array.isArray(value) ? 'a list' : `a ${typeof value}`}`,
        place,
      );
    }
  }
}

/** Type by type, as the table of keys has them. */
function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'None':
      return value === null;
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
    case 'number':
      return Number.isInteger(value);
    case 'dict':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'string':
      return typeof value === 'string';
    default:
      return Array.isArray(value);
  }
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '');

/** With what each is compared by. */
const KNOWN_NAMES = Object.keys(CONTEXT_KEYS).map((name) => [name, plain(name)] as const);

function warnOfMisspelled(place: IConstruct, key: string): void {
  const given = plain(key);
  const [meant] = KNOWN_NAMES.find(([, known]) => editDistance(known, given, 2) < 2) ?? [];
  if (meant !== undefined) {
    Annotations.of(place).addWarningV2(
      `cdk-cluster-nodes:misspelledKey${key}`,
      `no template of the library reads ${key} of configuration; did you mean ${meant}?`,
    );
  }
}
