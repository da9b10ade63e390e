import { notInDialect } from '../fault';
import { nearestNames } from '../nearest-names';

/** What to write instead of each of the words. */
function remedies(table: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(table).flatMap(([words, remedy]) => words.split(' ').map((word) => [word, remedy])));
}

const DOCUMENTED = 'see what docs/templates.md has instead';
/** Tags of Jinja2 and of nunjucks that are not part of the dialect. */
export const TAGS_INSTEAD = remedies({
  elseif: 'write elif',
  'extends block': 'include the parts',
  'import from': 'define the macro in the template that calls it',
  'break continue': 'use {% for .. if .. %}',
  'call filter print autoescape verbatim switch ifAsync asyncEach asyncAll': DOCUMENTED,
});
/** Names that mean something in Jinja2 and nothing here. */
export const NAMES_INSTEAD = remedies({
  loop: 'use loop.index, or the items themselves',
  'caller varargs kwargs self super cycler joiner lipsum': DOCUMENTED,
});
/** The same for what is called. */
export const CALLS_INSTEAD = { ...NAMES_INSTEAD, ...remedies({ loop: 'use a macro that calls itself', dict: 'write {"name": value}' }) };
/** Filters, tests, methods and attributes of loop that people look for. */
const INSTEAD = remedies({
  'e escape forceescape': 'print the value: it is escaped for its place',
  format: 'join the texts with ~',
  'title capitalize': 'write the text as it has to be',
  'float round integer': 'numbers are integers: use | int, or text',
  'map select selectattr reject rejectattr unique': 'use {% for .. if .. %}',
  'sort dictsort reverse': 'give the values in their order',
  tojson: 'write the JSON, or give it as a text value',
  'odd even divisibleby': 'calculate in the script',
  'eq equalto sameas ne lt le gt ge in find index': 'use the operator',
  'extend update pop setdefault': 'use .append(), +, or write another dictionary',
  'revindex revindex0': 'use loop.length - loop.index',
});

/** Refuses a name that is not on a list, with those that are near. */
export function requireKnownName(what: string, name: unknown, lineno: number, known: readonly string[]): void {
  const word = String(name);
  if (known.includes(word)) return;
  const nearest = nearestNames(word, known);
  const near = nearest.length > 0 ? `did you mean ${nearest.join(' or ')}?` : `there are ${known.join(', ')}`;
  throw notInDialect(lineno, `the ${what} '${word}'`, Object.hasOwn(INSTEAD, word) ? INSTEAD[word] : near);
}
