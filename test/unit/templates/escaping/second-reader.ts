import { SyntaxNode, forEachChild, parse } from 'unbash';
import { BashLexer } from '../../../../lib/templates/escaping/bash-lexer';
import { BashPlace } from '../../../../lib/templates/escaping/bash-place';
import { Script } from '../../../../lib/templates/escaping/script';
import { Segment, ValueSegment } from '../../../../lib/templates/escaping/segments';
import { TemplateError } from '../../../../lib/templates/template-error';

/** `refused`: no value can stand there. */
export type Place = BashPlace['kind'] | 'refused';

export interface Comparison {
  readonly ours: Place;
  readonly theirs: Place;
  /** The script with {@link LETTER} in the place of the value. */
  readonly script: string;
  readonly offset: number;
}

/** Stands for a value in what unbash reads: one character, so that offsets stay. */
const LETTER = 'v';

/** The places of the values of a script in both readers; undefined where one of them cannot read the script. */
export function comparePlaces(segments: readonly Segment[], Lexer = BashLexer): readonly Comparison[] | undefined {
  const script = segments.map((each) => (each.kind === 'text' ? each.text : LETTER)).join('');
  const ours = placesByLexer(segments, Lexer);
  const values = segments.filter((each): each is ValueSegment => each.kind === 'value' && ours?.get(each) !== undefined);
  let offset = 0;
  const offsets = segments.flatMap((each) => {
    const at = offset;
    offset += each.kind === 'text' ? each.text.length : 1;
    return values.includes(each as ValueSegment) ? [at] : [];
  });
  const theirs = ours === undefined ? undefined : placesByUnbash(script, offsets);
  return theirs === undefined || ours === undefined
    ? undefined
    : values.flatMap((value, index) => {
        const [place, their] = [ours.get(value), theirs[index]];
        return place === undefined || their === undefined ? [] : [{ ours: place, theirs: their, script, offset: offsets[index] }];
      });
}

/** The differences that are faults, with the text around them. */
export function faultsOf(comparisons: readonly Comparison[] | undefined): readonly string[] {
  return (comparisons ?? [])
    .filter(({ ours, theirs }) => {
      // What is refused is safe whatever it is.
      return ours !== theirs && ours !== 'refused';
    })
    .map(
      ({ ours, theirs, script, offset }) =>
        `${ours}, by unbash ${theirs}: ${JSON.stringify(`${script.slice(Math.max(0, offset - 60), offset)}{{ value }}${script.slice(offset + 1, offset + 40)}`)}`,
    );
}

/** A script with one value, at an offset of its text. */
export function withValueAt(script: string, offset: number): Segment[] {
  return [
    { kind: 'text', text: script.slice(0, offset) },
    { kind: 'value', value: 7, template: 't' },
    { kind: 'text', text: script.slice(offset) },
  ];
}

function placesByLexer(segments: readonly Segment[], Lexer: typeof BashLexer): ReadonlyMap<Segment, Place> | undefined {
  const places = new Map<Segment, Place>();
  const script = new Script(segments);
  const write = (value: ValueSegment, place: BashPlace): string => {
    // A second time a value is only checked, as in [[ {{ value }} -eq 1 ]].
    places.set(value, places.get(value) ?? place.kind);
    return LETTER;
  };
  try {
    new Lexer(script, write).read();
  } catch (error) {
    if (error instanceof TemplateError && error.code === 'UnsupportedPlace') {
      const refused = segments.find((each): each is ValueSegment => each.kind === 'value' && !places.has(each));
      return refused === undefined ? places : places.set(refused, 'refused');
    }
    if (error instanceof TemplateError) {
      return undefined;
    }
    throw error;
  }
  return places;
}

/** The places of some offsets by unbash; undefined for a script, or a `$(..)` in it, that it takes for wrong. */
function placesByUnbash(script: string, offsets: readonly number[]): readonly (Place | undefined)[] | undefined {
  const places: (Place | undefined)[] = offsets.map(() => 'comment');
  let isWrong = false;
  // The body of a here-document stands behind the end of its operator, so all nodes are visited.
  const visit = (node: SyntaxNode, outer: readonly SyntaxNode[]): void => {
    isWrong ||= node.type === 'Script' && (node.errors?.length ?? 0) > 0;
    const path = [...outer, node];
    offsets.forEach((offset, index) => {
      places[index] = contains(node, offset) ? placeOn(path, offset) : places[index];
    });
    forEachChild(node, (child) => visit(child, path));
  };
  visit(parse(script), []);
  return isWrong ? undefined : places;
}

function contains(node: SyntaxNode, offset: number): boolean {
  return node.pos <= offset && offset < node.end;
}

/** Undefined where unbash gives no place: between backticks it reads other text. */
function placeOn(path: readonly SyntaxNode[], offset: number): Place | undefined {
  let place: Place = 'comment';
  let quoted = false;
  for (const node of path) {
    if (node.type === 'HereDocDelimiter' || (node.type === 'Script' && node.source !== undefined)) {
      return undefined;
    } else if (node.type === 'HereDoc') {
      quoted = node.delimiter?.quoted ?? false;
    } else if (node.type === 'HereDocBody') {
      place = quoted ? 'quoted here-document' : 'here-document';
    } else if (contains(node, offset)) {
      place = placeInNode(node, place, offset);
    }
  }
  return place;
}

function placeInNode(node: SyntaxNode, outer: Place, offset: number): Place {
  if (node.type === 'Script') {
    return 'comment';
  }
  if (outer === 'arithmetic' || outer === 'refused') {
    return outer;
  }
  switch (node.type) {
    case 'Word':
      return outer === 'comment' ? 'word' : outer;
    case 'Assignment':
      return node.index !== undefined && contains(node.index, offset) ? 'arithmetic' : 'word';
    case 'ArrayValue':
      return 'comment';
    case 'SingleQuoted':
      return 'single quotes';
    case 'DoubleQuoted':
    case 'LocaleString':
      return outer === 'quoted expansion word' ? 'refused' : 'double quotes';
    case 'AnsiCQuoted':
    case 'Remove':
    case 'Replace':
    case 'CaseModification':
      return 'refused';
    case 'Default':
      return /^(?:double quotes|here-document|quoted expansion word)$/.test(outer) ? 'quoted expansion word' : 'expansion word';
    case 'Slice':
      return 'arithmetic';
    case 'ParameterExpansion':
      return node.index !== undefined && contains(node.index, offset) ? 'arithmetic' : outer;
    default:
      return /^Arithmetic(?!For)/.test(node.type) ? 'arithmetic' : outer;
  }
}
