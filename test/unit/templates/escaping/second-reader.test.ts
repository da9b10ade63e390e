import * as fc from 'fast-check';
import { BashLexer } from '../../../../lib/templates/escaping/bash-lexer';
import { Segment } from '../../../../lib/templates/escaping/segments';
import { BashCase, bashCases } from './bash-cases';
import { Place, comparePlaces, faultsOf } from './second-reader';
import { segmentsOf } from './segments-of';

const NUMBER = 7;
const asSegments = ({ parts }: BashCase): Segment[] =>
  parts.map((part) => (typeof part === 'string' ? { kind: 'text', text: part } : { kind: 'value', value: NUMBER, template: 't' }));
const placesIn = (script: string): [Place, Place][] | undefined =>
  comparePlaces(segmentsOf(script, ...Array<number>(script.split('@@').length - 1).fill(NUMBER)))?.map(({ ours, theirs }) => [
    ours,
    theirs,
  ]);

describe('unbash, a reader of bash by somebody else, finds values at the same places', () => {
  test.each<[Place, string]>([
    ['word', 'echo @@ a@@b ~@@ *[@@] x=@@ $(id @@) <(id @@)'],
    ['word', 'x=@@ y=(a @@) z+=(@@ "b") export v=@@'],
    ['word', 'case @@ in a@@|(@@) echo @@;; esac >@@ 2>>@@ <<<@@'.replace('|(@@)', '|@@)')],
    ['word', '[[ @@ == @@* && -e @@ ]]'],
    ['word', 'for x in @@; do echo @@; done; f() { echo @@; }; ! { @@; } && (@@ | @@) &'],
    ['word', `echo a#@@ "a"#@@ 'a'#@@ $(:)#@@ \${x}#@@ $((1))#@@ x\\\n#@@ a=b#@@`],
    ['comment', '# @@\necho # @@\nf()#@@\n{ :; }\n(:)#@@\n((1))#@@\ncase x in x)#@@\n;; esac;#@@\n:|#@@\n:'],
    ['comment', 'a=(k # @@\n) # @@\nx=$(: # @@ )\n)\nexec 3>&1 # @@'],
    ['double quotes', 'echo "@@" "a $(id "@@") b@@" $"@@" "${x}@@" "\\\\@@" x="@@"'],
    ['single quotes', `echo '@@' "$(id '@@')" a'b@@'`],
    ['here-document', 'cat <<A - <<-"B" # x\n@@ $(id) @@\nA\n\tx\n\tB\ncat <<C\n"@@"\n# @@\nC\n'],
    ['quoted here-document', `cat <<'A'\n$(id @@) # "@@\nA\ncat <<\\B\n@@\nB\n`],
    ['expansion word', 'echo ${x:-@@} ${x+a@@b}'],
    ['quoted expansion word', 'echo "${x:-@@}" "a${x+b @@}"\ncat <<A\n${x:-@@}\nA\n'],
    ['arithmetic', 'echo $((1 + @@)) "$((@@))"; (( x < @@ )); for ((i = @@; i < @@; i++)); do :; done'],
  ])('%s: %j', (place, script) => {
    expect(placesIn(script)).toEqual(Array(script.split('@@').length - 1).fill([place, place]));
  });

  /** Where unbash reads otherwise than bash 5.2, or than it is asked here. What is refused is safe whatever it is. */
  test.each<[string, string, [Place, Place][]]>([
    ['a # behind a process substitution, where the word goes on', ': <(:)#@@', [['word', 'comment']]],
    ['a subscript in an array', 'a=([@@]=b)', [['refused', 'word']]],
    ['a command in a pattern', 'echo ${x#$(id @@)}', [['refused', 'word']]],
  ])('but for %s', (_why, script, places) => {
    expect(placesIn(script)).toEqual(places);
  });

  test('in 250 random scripts', () => {
    const comparisons = fc.sample(bashCases, { numRuns: 250, seed: 1 }).map((each) => comparePlaces(asSegments(each)));
    expect(comparisons.flatMap(faultsOf)).toEqual([]);
    expect(comparisons.flatMap((each) => each ?? []).length).toBeGreaterThan(700);
  });

  test('and not when ours is wrong: one that knows no comments', () => {
    class WithoutComments extends BashLexer {
      protected override comment(): void {
        this.pos += 1;
      }
    }
    const faults = fc
      .sample(bashCases, { numRuns: 100, seed: 1 })
      .flatMap((each) => faultsOf(comparePlaces(asSegments(each), WithoutComments)));
    expect(faults[0]).toMatch(/^word, by unbash comment: /);
  });
});
