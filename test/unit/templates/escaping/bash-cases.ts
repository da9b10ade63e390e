import * as fc from 'fast-check';
import { hostileOrLongText, hostileText } from './hostile-values';

/** A value in a generated script; a reference stands for a shell variable that holds the value. */
export interface Slot {
  readonly value: string | number;
  readonly reference: boolean;
}

export type Part = string | Slot;

/** A piece of a script and the text that bash must make of it. */
interface Fragment {
  readonly parts: readonly Part[];
  readonly text: string;
}

/** A statement and the arguments with which it calls `arrive`, call by call. */
export interface BashCase {
  readonly parts: readonly Part[];
  readonly arrivals: readonly (readonly string[])[];
}

const KNOWN = 'k  n*';

const fragment = (parts: readonly Part[], text: string): Fragment => ({ parts, text });
const verbatim = (text: string): Fragment => fragment([text], text);
const joined = (fragments: readonly Fragment[]): Fragment =>
  fragment(
    fragments.flatMap((each) => each.parts),
    fragments.map((each) => each.text).join(''),
  );
const wrapped = (before: string, inner: Fragment, after: string, text = inner.text): Fragment =>
  fragment([before, ...inner.parts, after], text);
const trimmed = (text: string): string => text.replace(/\n+$/, '');
const listOf = (arbitrary: fc.Arbitrary<Fragment>, maxLength = 4): fc.Arbitrary<Fragment> =>
  fc.array(arbitrary, { minLength: 1, maxLength }).map(joined);

const slot = (text: fc.Arbitrary<string>, references: boolean): fc.Arbitrary<Slot> =>
  fc
    .record({ value: text, reference: references ? fc.boolean() : fc.constant(false) })
    // What bash does to these two characters in a variable is not in our hands; see docs/escaping.md.
    .map((each) => (each.reference ? { ...each, value: each.value.replace(/[\x01\x7f]/g, '') } : each));
const anyValue: fc.Arbitrary<Fragment> = slot(hostileOrLongText, true).map((each) => fragment([each], String(each.value)));
/** In `"${..}"` a value with one of these is refused. */
const expansionValue: fc.Arbitrary<Fragment> = slot(
  hostileOrLongText.map((text) => text.replace(/['(<>}]/g, '')),
  true,
).map((each) => fragment([each], String(each.value)));
const literalValue: fc.Arbitrary<Fragment> = slot(hostileText, false).map((each) => fragment([each], String(each.value)));
const numberValue: fc.Arbitrary<Fragment> = fc
  .oneof(fc.integer({ min: -5, max: 99 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => fragment([{ value, reference: false }], String(value)));
const integer: fc.Arbitrary<{ readonly slot: Slot; readonly number: number }> = fc
  .tuple(fc.integer({ min: -99, max: 9999 }), fc.boolean())
  .map(([number, asText]) => ({ slot: { value: asText ? String(number) : number, reference: false }, number }));

/** Text outside of quotes that means itself wherever it stands in a word. */
const bareText = fc
  .constantFrom('a', 'abc', '/no/', '.', '-', '--flag=', 'x=', '@', '%', ',', ':', '+', '_', '!', '^', ']', 'i', 'f', 'do', '1', '#')
  .map(verbatim);
const quotedText = fc
  .constantFrom('a', ' ', '#', '(', ')', ';', '|', '&', '<', '>', '*', '~', '!', '=', '{', '[', '\n', '\t', 'EOF ', '-', 'é')
  .map(verbatim);

const verbatimLine = fc.constantFrom('a', '$(pwned)', '`pwned`', '"', '\\t', ' \n').map(verbatim);

/** As the error about a value in a pattern says: in a variable first. */
const withoutHead = (value: Fragment): Fragment =>
  fragment(['$(head=', ...value.parts, '; hay=', ...value.parts, 'TAIL; print "${hay#"$head"}")'], 'TAIL');

/** Nesting ends here: the first choice of each is then a plain value. */
const RECURSIVE = { maxDepth: 6, depthIdentifier: fc.createDepthIdentifier(), depthSize: 'small', withCrossShrink: true } as const;

interface Fragments {
  word: Fragment;
  wordPiece: Fragment;
  doubleQuoted: Fragment;
  quotedPiece: Fragment;
  expansionWord: Fragment;
  quotedExpansionWord: Fragment;
  hereDocumentLine: Fragment;
}

const fragments = fc.letrec<Fragments>((tie: fc.LetrecTypedTie<Fragments>) => ({
  word: listOf(tie('wordPiece')).map((word) =>
    word.text.startsWith('#') && typeof word.parts[0] === 'string' ? joined([verbatim('a'), word]) : word,
  ),
  wordPiece: fc.oneof(
    RECURSIVE,
    { weight: 5, arbitrary: anyValue },
    { weight: 3, arbitrary: bareText },
    { weight: 1, arbitrary: numberValue },
    { weight: 3, arbitrary: tie('doubleQuoted') },
    { weight: 1, arbitrary: listOf(fc.oneof(literalValue, quotedText)).map((text) => wrapped("'", text, "'")) },
    {
      weight: 1,
      arbitrary: listOf(
        fc.oneof(quotedText, fc.constantFrom(fragment(['\\n'], '\n'), fragment(['\\x41'], 'A'), fragment(['\\101'], 'A'))),
      ).map((text) => wrapped("$'", text, "'")),
    },
    { weight: 1, arbitrary: anyValue.map((value) => wrapped('~', value, '', `~${value.text}`)) },
    // The name keeps the pattern from matching a file, whatever folder stands before it.
    { weight: 1, arbitrary: anyValue.map((value) => wrapped('nosuch*[', value, ']', `nosuch*[${value.text}]`)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(fragment(['a\\\nb'], 'ab'), verbatim('a')),
    },
  ),
  doubleQuoted: listOf(tie('quotedPiece')).map((text) => wrapped('"', text, '"')),
  quotedPiece: fc.oneof(
    RECURSIVE,
    { weight: 6, arbitrary: anyValue },
    {
      weight: 4,
      arbitrary: fc.oneof(
        quotedText,
        fc.constantFrom(
          verbatim("'"),
          verbatim("$'"),
          verbatim('$ '),
          fragment(['\\"'], '"'),
          fragment(['\\$'], '$'),
          fragment(['\\`'], '`'),
        ),
      ),
    },
    { weight: 1, arbitrary: anyValue.map((value) => wrapped('\\\\', value, '', `\\${value.text}`)) },
    { weight: 1, arbitrary: anyValue.map((value) => wrapped('${known}', value, '', KNOWN + value.text)) },
    { weight: 1, arbitrary: anyValue.map((value) => wrapped('$1', value, '', `one${value.text}`)) },
    { weight: 2, arbitrary: tie('word').map((word) => wrapped('$(print ', word, ')', trimmed(word.text))) },
    { weight: 1, arbitrary: tie('word').map((word) => wrapped('$(case k in (k) print ', word, ';; esac)', trimmed(word.text))) },
    { weight: 1, arbitrary: tie('word').map((word) => wrapped('$(case k in j) ;; k) print ', word, ' # it)\nesac)', trimmed(word.text))) },
    { weight: 1, arbitrary: tie('quotedExpansionWord').map((word) => wrapped('${unset:-', word, '}')) },
    { weight: 1, arbitrary: tie('quotedExpansionWord').map((word) => wrapped('${known+', word, '}')) },
    { weight: 1, arbitrary: literalValue.map(withoutHead) },
    { weight: 1, arbitrary: integer.map((each) => fragment(['$((1 + ', each.slot, '))'], String(1 + each.number))) },
  ),
  expansionWord: listOf(fc.oneof(RECURSIVE, anyValue, fc.constantFrom('a', '/', '#', '(').map(verbatim), tie('doubleQuoted'))),
  quotedExpansionWord: listOf(
    fc.oneof(
      RECURSIVE,
      { weight: 3, arbitrary: expansionValue },
      { weight: 1, arbitrary: tie('quotedExpansionWord').map((word) => wrapped('${unset:-', word, '}')) },
      { weight: 1, arbitrary: fc.constantFrom('a', ' ', '(', '/', '#').map(verbatim) },
      { weight: 1, arbitrary: expansionValue.map((value) => wrapped('\\\\', value, '', `\\${value.text}`)) },
    ),
  ),
  hereDocumentLine: listOf(
    fc.oneof(
      RECURSIVE,
      { weight: 4, arbitrary: anyValue },
      { weight: 2, arbitrary: fc.constantFrom('a', '"', "'", '#', ' ', '(', 'EO', '\t').map(verbatim) },
      { weight: 1, arbitrary: fc.constantFrom(fragment(['\\$'], '$'), fragment(['\\\\'], '\\'), fragment(['\\`'], '`')) },
      { weight: 1, arbitrary: anyValue.map((value) => wrapped('\\\\', value, '', `\\${value.text}`)) },
      { weight: 1, arbitrary: quotedText.map((text) => wrapped('$(print "', text, '")', trimmed(text.text))) },
      { weight: 1, arbitrary: expansionValue.map((value) => wrapped('${unset:-', value, '}')) },
      { weight: 1, arbitrary: anyValue.map((value) => wrapped('${known}', value, '', KNOWN + value.text)) },
    ),
    3,
  ).map((line) => wrapped('', line, '\n', `${line.text}\n`)),
}));

const word = fragments.word;
/** For the place of a pattern, where the text of the template may not be one. */
const literalWord = listOf(fc.oneof(anyValue, fragments.doubleQuoted, fc.constantFrom('a', '/no/', '-', '=').map(verbatim)));
const words = fc.array(word, { minLength: 1, maxLength: 3 });

const bashCase = (parts: readonly Part[], ...arrivals: readonly (readonly string[])[]): BashCase => ({ parts, arrivals });
const spaced = (list: readonly Fragment[], separator = ' '): Part[] => list.flatMap((each) => [separator, ...each.parts]);
const texts = (list: readonly Fragment[]): string[] => list.map((each) => each.text);

const statements: fc.Arbitrary<BashCase>[] = [
  words.map((list) => bashCase(['arrive', ...spaced(list), '\n'], texts(list))),
  words.map((list) =>
    bashCase(['arrive', ...spaced(list), ' # ', ...list[0].parts.filter((part) => typeof part !== 'string'), '\n'], texts(list)),
  ),
  words.map((list) =>
    bashCase(
      ['# ', ...list[0].parts.filter((part) => typeof part !== 'string'), '\narrive', ...spaced(list, ' \\\n  '), '\n'],
      texts(list),
    ),
  ),
  words.map((list) => bashCase(['x=', ...list[0].parts, '; arrive "$x"\n'], [list[0].text])),
  words.map((list) =>
    bashCase(['x=', ...list[0].parts, ' y=', ...(list[1] ?? list[0]).parts, ' arrive ', ...list[0].parts, '\n'], [list[0].text]),
  ),
  word.map((each) => bashCase(['export x=', ...each.parts, '; arrive "$x"\n'], [each.text])),
  word.map((each) => bashCase(['f() { local x=', ...each.parts, '; arrive "$x"; }\nf one\n'], [each.text])),
  fragments.expansionWord.map((each) => bashCase(['x=${unset:-', ...each.parts, '}; arrive "$x"\n'], [each.text])),
  anyValue.map((each) => bashCase(['arrive ${unset:-', ...each.parts, '}\n'], [each.text])),
  fc
    .tuple(anyValue, anyValue)
    .map(([a, b]) =>
      bashCase(
        ['a=', ...a.parts, '; b=', ...b.parts, '; hay=', ...a.parts, ...b.parts, '; arrive "x${hay%"$b"}" "${hay##"$a"}y"\n'],
        [`x${a.text}`, `${b.text}y`],
      ),
    ),
  word.map((each) => bashCase(['x=$(print ', ...each.parts, '); arrive "$x"\n'], [trimmed(each.text)])),
  words.map((list) =>
    bashCase(
      ['a=(', ...spaced(list, '\n  '), ' # ', ...list[0].parts.filter((part) => typeof part !== 'string'), '\n); arrive "${a[@]}"\n'],
      texts(list),
    ),
  ),
  words.map((list) => bashCase(['a=(one); a+=(', ...spaced(list), '); arrive "${a[@]}"\n'], ['one', ...texts(list)])),
  words.map((list) => bashCase(['nothing=; $nothing arrive', ...spaced(list), '\n'], texts(list))),
  integer.map((each) => bashCase(['declare -i n; n=', each.slot, '; arrive "$n"; declare +i n\n'], [String(each.number)])),
  words.map((list) => bashCase(['for x in', ...spaced(list), '; do arrive "$x"; done\n'], ...texts(list).map((text) => [text]))),
  words.map((list) => bashCase(['f() { arrive "$@"; }\nf', ...spaced(list), '\n'], texts(list))),
  word.map((each) => bashCase(['IFS= read -r -d "" x <<<', ...each.parts, '\narrive "$x"\n'], [`${each.text}\n`])),
  word.map((each) => bashCase(['IFS= read -r -d "" x < <(print ', ...each.parts, '); arrive "$x"\n'], [each.text])),
  fc
    .tuple(
      fc.array(fragments.hereDocumentLine, { maxLength: 3 }),
      fc.array(fc.oneof(literalValue, verbatimLine), { maxLength: 4 }),
      fc.boolean(),
    )
    .map(([first, second, strip]) => {
      const [one, two] = [joined(first), joined(second)];
      return bashCase(
        ['both 3<<EOF 4<<', strip ? "-'A B'" : "'A B'", ' 2>&1\n', ...one.parts, 'EOF\n', ...two.parts, '\nA B\n'],
        [one.text, strip ? `${two.text}\n`.replace(/(^|\n)\t+/g, '$1') : `${two.text}\n`],
      );
    }),
  fc
    .tuple(fragments.hereDocumentLine, fc.constantFrom('<<-EOF', '<<- EOF'))
    .map(([line, operator]) =>
      bashCase([`IFS= read -r -d "" x ${operator}\n\t\tx`, ...line.parts, '\tEOF\narrive "$x"\n'], [`x${line.text}`]),
    ),
  fc
    .tuple(literalWord, literalWord)
    .map(([a, b]) =>
      bashCase(
        ['case ', ...a.parts, ' in ', ...b.parts, ') arrive same ;; ', ...a.parts, ') arrive other ;; *) arrive none; esac\n'],
        [a.text === b.text ? 'same' : 'other'],
      ),
    ),
  fc
    .tuple(anyValue, anyValue)
    .map(([a, b]) =>
      bashCase(
        ['case ', ...a.parts, ' in (x|', ...b.parts, ') arrive same ;;& (*', ...a.parts, ') arrive other; esac\n'],
        ...(a.text === b.text || a.text === 'x' ? [['same'], ['other']] : [['other']]),
      ),
    ),
  fc
    .tuple(anyValue, anyValue)
    .map(([a, b]) =>
      bashCase(
        ['if [[ ', ...a.parts, ' == ', ...b.parts, ' ]]; then arrive same; else arrive other; fi\n'],
        [a.text === b.text ? 'same' : 'other'],
      ),
    ),
  fc
    .tuple(literalWord, literalWord)
    .map(([a, b]) =>
      bashCase(['[[ w', ...a.parts, ' != w', ...b.parts, ' ]] && arrive other || arrive same\n'], [a.text === b.text ? 'same' : 'other']),
    ),
  fc
    .tuple(anyValue, anyValue)
    .map(([a, b]) =>
      bashCase(
        ['[[ x', ...a.parts, 'y == *', ...b.parts, '* && (-n ', ...a.parts, ' || -z "") ]] && arrive has || arrive not\n'],
        [`x${a.text}y`.includes(b.text) ? 'has' : 'not'],
      ),
    ),
  fc
    .tuple(literalWord, anyValue)
    .map(([a, b]) =>
      bashCase(
        ['case ', ...a.parts, ' in ${unset:-', ...b.parts, '}) arrive same ;; *) arrive other; esac\n'],
        [a.text === b.text ? 'same' : 'other'],
      ),
    ),
  expansionValue.map((each) =>
    bashCase(
      ['arrive "${unset:-${known}', ...each.parts, '}" "${known}\\\n', ...each.parts, '"\n'],
      [KNOWN + each.text, KNOWN + each.text],
    ),
  ),
  words.map((list) =>
    bashCase(
      ['f() { local -a a=(', ...spaced(list), '); declare -r y=', ...list[0].parts, '; arrive "${a[@]}" "$y"; }\nf one\n'],
      [...texts(list), list[0].text],
    ),
  ),
  fc
    .tuple(integer, integer)
    .map(([a, b]) =>
      bashCase(
        ['if [[ ', a.slot, ' -lt ', b.slot, ' ]]; then arrive less; else arrive more; fi\n'],
        [a.number < b.number ? 'less' : 'more'],
      ),
    ),
  fc
    .tuple(integer, integer)
    .map(([a, b]) => bashCase(['(( x = (', a.slot, ' - ', b.slot, ') * 2 )); arrive "$x"\n'], [String((a.number - b.number) * 2)])),
  fc
    .tuple(integer, word)
    .map(([a, each]) => bashCase(['x=', ...each.parts, '; arrive "$(( $(print 3) + ', a.slot, '))"\n'], [String(3 + a.number)])),
  integer.map((a) =>
    bashCase(['for (( i = ', a.slot, '; i < ', a.slot, ' + 2; i++ )); do arrive "$i"; done\n'], [String(a.number)], [String(a.number + 1)]),
  ),
];

/** What may stand around a statement without changing how it arrives. */
const WRAPPERS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['if true; then\n'], ['fi\n']],
  [['{\n'], ['}\n']],
  [['(\n'], [')\n']],
  [['case k in\n  j) echo no ;;\n  (k | l)\n'], ['  ;;\nesac\n']],
  [['case k in k)\n'], ['esac\n']],
  [['while :; do\n'], ['break; done\n']],
  [['f() {\n'], ['}\nf one\n']],
  [['function f\n{\n'], ['}; f one\n']],
  [['x=$(\n'], [')\n']],
  [['x="a $(\n'], [') b"\n']],
  [['print "${unset:-$(\n'], [')}"\n']],
  [['slurp < <(\n'], [') >/dev/null\n']],
  [['! {\n'], ['} 2>/dev/null | :\n']],
  [['[[ -n k ]] && {\n'], ['}\n']],
  [['if :\nthen # it\'s "fine\n'], ['fi 2>/dev/null\n']],
  [['x=(a "$(\n'], [')" b)\n']],
  [["print 'it' $'\\x27' \"$(( 1 << 2 ))\" >/dev/null # don't\n"], ['']],
  [['until false; do for x do :; done; select y in a; do\n'], ['break 2; done <<<1 2>/dev/null; done\n']],
];

/** Whether a statement may stand in a wrapper: in `$(..)` arrays and here-documents are refused. */
function mayWrap(before: readonly string[], inner: readonly Part[]): boolean {
  const text = inner.filter((part) => typeof part === 'string').join('');
  return !(/[$<]\(/.test(before.join('')) && /=\(|<<-?['A-Z ]/.test(text));
}

export const bashCases: fc.Arbitrary<BashCase> = fc
  .tuple(fc.oneof(...statements), fc.array(fc.constantFrom(...WRAPPERS), { maxLength: 3 }))
  .map(([statement, wrappers]) => {
    const parts = wrappers.reduce<readonly Part[]>(
      (inner, [before, after]) => (mayWrap(before, inner) ? [...before, ...inner, ...after] : inner),
      statement.parts,
    );
    return { parts, arrivals: statement.arrivals };
  });
