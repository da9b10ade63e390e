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
  'cycler joiner': 'use loop.cycle(), loop.last or | join',
  lipsum: 'write the text',
});
const FILTERS_INSTEAD = remedies({
  'e escape forceescape': 'print the value: it is escaped for its place',
  format: 'use the operator %',
  'title capitalize': 'write the text as it has to be',
  'float round': 'numbers are integers: use | int, or text',
  random: 'choose one: a script has to be the same at every synth',
});

/** Refuses a name that is not on a list, with those that are near. */
export function requireKnownName(what: string, name: unknown, lineno: number, known: readonly string[]): void {
  const word = String(name);
  if (known.includes(word)) return;
  const nearest = nearestNames(word, known);
  const near = nearest.length > 0 ? `did you mean ${nearest.join(' or ')}?` : `there are ${known.join(', ')}`;
  const instead = what === 'filter' && Object.hasOwn(FILTERS_INSTEAD, word) ? FILTERS_INSTEAD[word] : near;
  throw notInDialect(lineno, `the ${what} '${word}'`, instead);
}
