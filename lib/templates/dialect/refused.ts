import { notInDialect } from '../fault';
import { nearestNames } from '../nearest-names';

type Remedies = Readonly<Record<string, string>>;

/** What to write instead of each of the words. */
function remedies(table: Remedies): Remedies {
  return Object.fromEntries(Object.entries(table).flatMap(([words, remedy]) => words.split(' ').map((word) => [word, remedy])));
}

/** Tags of Jinja2 and of nunjucks that are not part of the dialect. */
export const TAGS_INSTEAD = remedies({
  'extends block': 'include the parts',
  'import from': 'define the macro in the template that calls it',
  call: 'pass text to the macro as an argument',
  filter: 'use {% set x %}..{% endset %} and {{ x | .. }}',
  print: 'write {{ }}',
  autoescape: 'use | safe',
  'switch ifAsync': 'use {% if %} and {% elif %}',
  'asyncEach asyncAll': 'use {% for %}',
  elseif: 'write elif',
  verbatim: 'write raw',
  'break continue': 'use {% for .. if .. %}',
});
/** Names that mean something in Jinja2 and nothing here. */
export const NAMES_INSTEAD = remedies({
  caller: 'pass text as an argument',
  'varargs kwargs': 'name the parameters',
  'self super': 'include the part',
  'cycler joiner': 'use loop.last or | join',
  lipsum: 'write the text',
});
const INSTEAD: Readonly<Record<string, Remedies>> = {
  filter: remedies({
    'e escape forceescape': 'print the value: it is escaped for its place',
    format: 'join the texts with ~',
    'title capitalize': 'write the text as it has to be',
    'float round': 'numbers are integers: use | int, or text',
    random: 'choose one: a script has to be the same at every synth',
    'map select selectattr reject rejectattr unique': 'use {% for .. if .. %}',
    'sort dictsort reverse': 'give the values in their order',
    tojson: 'write the JSON, or give it as a text value',
  }),
  test: remedies({
    'odd even divisibleby': 'use %',
    'eq equalto sameas ne lt lessthan le gt greaterthan ge in': 'use the operator',
    'integer float iterable sequence': 'use is string, is number or is mapping',
  }),
  method: remedies({
    'find index': 'use in',
    'extend update pop setdefault': 'use .append(), +, or write another dictionary',
    count: 'use | length, or a loop with a namespace',
    'removeprefix removesuffix': 'use .replace() or a slice',
    'lstrip rstrip': 'use .strip()',
    format: 'join the texts with ~',
    splitlines: 'use .split("\\n")',
    isdigit: 'use | int',
  }),
  'attribute of loop': remedies({
    'revindex revindex0': 'use loop.length - loop.index',
    'previtem nextitem changed': 'keep the item in a namespace',
    'depth depth0': 'pass it to a macro',
  }),
};

/** Refuses a name that is not on a list, with those that are near. */
export function requireKnownName(what: string, name: unknown, lineno: number, known: readonly string[]): void {
  const word = String(name);
  if (known.includes(word)) return;
  const nearest = nearestNames(word, known);
  const near = nearest.length > 0 ? `did you mean ${nearest.join(' or ')}?` : `there are ${known.join(', ')}`;
  throw notInDialect(lineno, `the ${what} '${word}'`, Object.hasOwn(INSTEAD[what], word) ? INSTEAD[what][word] : near);
}
