import { AstNode, NodeList, nodes } from './nunjucks';

// The nodes that nunjucks' syntax tree has no match for. Their fields stand in the order in which Jinja2 visits them,
// because that order decides how names are resolved.

/** A name, and whether it is read or assigned. */
export class Name extends nodes.Symbol {
  public constructor(
    lineno: number,
    name: string,
    public context: 'load' | 'store' | 'param' = 'load',
  ) {
    super(lineno, 0, name);
  }
}

/** `(a, b)`. */
export class TupleLiteral extends nodes.Array {
  public override get typename(): string {
    return 'TupleLiteral';
  }
}

/** `a ~ b ~ c`. */
export class Joined extends nodes.NodeList {
  public override get typename(): string {
    return 'Joined';
  }
}

/** A node of our own: its fields are filled from the constructor's arguments. */
abstract class OwnNode<Arguments extends unknown[]> extends nodes.Node {
  public constructor(lineno: number, ...values: Arguments) {
    super(lineno, 0, ...values);
  }
}

/** `object.name`, which looks for an attribute before an element. */
export class Attribute extends OwnNode<[AstNode, string]> {
  declare public readonly object: AstNode;
  declare public readonly name: string;
  public override get typename(): string {
    return 'Attribute';
  }
  public override get fields(): string[] {
    return ['object', 'name'];
  }
}

export class Slice extends OwnNode<[AstNode | null, AstNode | null, AstNode | null]> {
  declare public readonly start: AstNode | null;
  declare public readonly stop: AstNode | null;
  declare public readonly step: AstNode | null;
  public override get typename(): string {
    return 'Slice';
  }
  public override get fields(): string[] {
    return ['start', 'stop', 'step'];
  }
}

/** The arguments of a call, a filter or a test. */
export class Arguments extends OwnNode<[AstNode[], Keyword[], AstNode | null, AstNode | null]> {
  declare public readonly positional: readonly AstNode[];
  declare public readonly keywords: readonly Keyword[];
  /** What follows `*`. */
  declare public readonly rest: AstNode | null;
  /** What follows `**`. */
  declare public readonly restKeywords: AstNode | null;
  public override get typename(): string {
    return 'Arguments';
  }
  public override get fields(): string[] {
    return ['positional', 'keywords', 'rest', 'restKeywords'];
  }
}

export class Keyword extends OwnNode<[string, AstNode]> {
  declare public readonly name: string;
  declare public readonly value: AstNode;
  public override get typename(): string {
    return 'Keyword';
  }
  public override get fields(): string[] {
    return ['name', 'value'];
  }
}

export class Call extends OwnNode<[AstNode, Arguments]> {
  declare public readonly callee: AstNode;
  declare public readonly args: Arguments;
  public override get typename(): string {
    return 'Call';
  }
  public override get fields(): string[] {
    return ['callee', 'args'];
  }
}

/** `value | name(args)`; the value is null in `{% filter name %}` and `{% set x | name %}`. */
export class FilterCall extends OwnNode<[AstNode | null, string, Arguments]> {
  declare public readonly value: AstNode | null;
  declare public readonly name: string;
  declare public readonly args: Arguments;
  public override get typename(): string {
    return 'FilterCall';
  }
  public override get fields(): string[] {
    return ['value', 'name', 'args'];
  }
}

/** `value is name(args)`. */
export class TestCall extends OwnNode<[AstNode, string, Arguments]> {
  declare public readonly value: AstNode;
  declare public readonly name: string;
  declare public readonly args: Arguments;
  public override get typename(): string {
    return 'TestCall';
  }
  public override get fields(): string[] {
    return ['value', 'name', 'args'];
  }
}

/** `name.attribute` on the left of `{% set %}`. */
export class NamespaceTarget extends OwnNode<[string, string]> {
  declare public readonly name: string;
  declare public readonly attribute: string;
  public override get typename(): string {
    return 'NamespaceTarget';
  }
  public override get fields(): string[] {
    return ['name', 'attribute'];
  }
}

export class Assign extends OwnNode<[AstNode, AstNode]> {
  declare public readonly target: AstNode;
  declare public readonly value: AstNode;
  public override get typename(): string {
    return 'Assign';
  }
  public override get fields(): string[] {
    return ['target', 'value'];
  }
}

/** `{% set x %}..{% endset %}`. */
export class AssignBlock extends OwnNode<[AstNode, FilterCall | null, NodeList]> {
  declare public readonly target: AstNode;
  declare public readonly filter: FilterCall | null;
  declare public readonly body: NodeList;
  public override get typename(): string {
    return 'AssignBlock';
  }
  public override get fields(): string[] {
    return ['target', 'filter', 'body'];
  }
}

export interface Branch {
  readonly lineno: number;
  readonly test: AstNode;
  readonly body: NodeList;
}

/** `if` with any number of `elif`, flat: a long chain must not nest. */
export class Conditional extends OwnNode<[Branch[], NodeList | null]> {
  declare public readonly branches: readonly Branch[];
  declare public readonly otherwise: NodeList | null;
  public override get typename(): string {
    return 'Conditional';
  }
  public override get fields(): string[] {
    return ['branches', 'otherwise'];
  }
}

export class Loop extends OwnNode<[AstNode, AstNode, NodeList, NodeList | null, AstNode | null, boolean]> {
  declare public readonly target: AstNode;
  declare public readonly iterable: AstNode;
  declare public readonly body: NodeList;
  declare public readonly otherwise: NodeList | null;
  declare public readonly test: AstNode | null;
  declare public readonly recursive: boolean;
  public override get typename(): string {
    return 'Loop';
  }
  public override get fields(): string[] {
    return ['target', 'iterable', 'body', 'otherwise', 'test', 'recursive'];
  }
}

export class With extends OwnNode<[AstNode[], AstNode[], NodeList]> {
  declare public readonly targets: readonly AstNode[];
  declare public readonly values: readonly AstNode[];
  declare public readonly body: NodeList;
  public override get typename(): string {
    return 'With';
  }
  public override get fields(): string[] {
    return ['targets', 'values', 'body'];
  }
}

/** `{% do expression %}`. */
export class Do extends OwnNode<[AstNode]> {
  declare public readonly expression: AstNode;
  public override get typename(): string {
    return 'Do';
  }
  public override get fields(): string[] {
    return ['expression'];
  }
}

export interface Parameter {
  readonly name: Name;
  readonly fallback: AstNode | null;
}

export class MacroDefinition extends OwnNode<[string, Name[], AstNode[], NodeList]> {
  declare public readonly name: string;
  declare public readonly parameters: readonly Name[];
  /** Defaults of the last parameters. */
  declare public readonly defaults: readonly AstNode[];
  declare public readonly body: NodeList;
  public override get typename(): string {
    return 'MacroDefinition';
  }
  public override get fields(): string[] {
    return ['name', 'parameters', 'defaults', 'body'];
  }
}

/** `{% call(args) macro() %}..{% endcall %}`. */
export class CallBlock extends OwnNode<[Call, Name[], AstNode[], NodeList]> {
  declare public readonly call: Call;
  declare public readonly parameters: readonly Name[];
  declare public readonly defaults: readonly AstNode[];
  declare public readonly body: NodeList;
  public override get typename(): string {
    return 'CallBlock';
  }
  public override get fields(): string[] {
    return ['call', 'parameters', 'defaults', 'body'];
  }
}

/** `{% filter name %}..{% endfilter %}`. */
export class FilterBlock extends OwnNode<[NodeList, FilterCall]> {
  declare public readonly body: NodeList;
  declare public readonly filter: FilterCall;
  public override get typename(): string {
    return 'FilterBlock';
  }
  public override get fields(): string[] {
    return ['body', 'filter'];
  }
}

export class BlockDefinition extends OwnNode<[string, NodeList, boolean, boolean]> {
  declare public readonly name: string;
  declare public readonly body: NodeList;
  declare public readonly scoped: boolean;
  declare public readonly required: boolean;
  public override get typename(): string {
    return 'BlockDefinition';
  }
  public override get fields(): string[] {
    return ['name', 'body', 'scoped', 'required'];
  }
}

export class Inclusion extends OwnNode<[AstNode, boolean, boolean]> {
  declare public readonly template: AstNode;
  declare public readonly ignoreMissing: boolean;
  declare public readonly withContext: boolean;
  public override get typename(): string {
    return 'Inclusion';
  }
  public override get fields(): string[] {
    return ['template', 'ignoreMissing', 'withContext'];
  }
}

export class ImportModule extends OwnNode<[AstNode, string, boolean]> {
  declare public readonly template: AstNode;
  declare public readonly target: string;
  declare public readonly withContext: boolean;
  public override get typename(): string {
    return 'ImportModule';
  }
  public override get fields(): string[] {
    return ['template', 'target', 'withContext'];
  }
}

export interface ImportedName {
  readonly name: string;
  readonly alias: string;
}

export class ImportNames extends OwnNode<[AstNode, ImportedName[], boolean]> {
  declare public readonly template: AstNode;
  declare public readonly names: readonly ImportedName[];
  declare public readonly withContext: boolean;
  public override get typename(): string {
    return 'ImportNames';
  }
  public override get fields(): string[] {
    return ['template', 'names', 'withContext'];
  }
}

/** What the parser notes about a template, so that the compiler need not search for it. */
export interface TemplateTree {
  readonly root: NodeList;
  readonly blocks: readonly BlockDefinition[];
  readonly hasParent: boolean;
  /** Every name that is read somewhere. */
  readonly namesRead: ReadonlySet<string>;
  /** Every name that is assigned somewhere. */
  readonly namesAssigned: ReadonlySet<string>;
}

/** Calls a function for each child node, in the order of the fields. */
export function forEachChild(node: AstNode, visit: (child: AstNode) => void): void {
  if (node instanceof Conditional) {
    for (const branch of node.branches) {
      visit(branch.test);
      visit(branch.body);
    }
    if (node.otherwise) visit(node.otherwise);
    return;
  }
  for (const field of node.fields) {
    const value = (node as unknown as Record<string, unknown>)[field];
    if (Array.isArray(value)) {
      for (const item of value as unknown[]) {
        if (item instanceof nodes.Node) visit(item);
      }
    } else if (value instanceof nodes.Node) visit(value);
  }
}

/** The line, counted from 0, where the nodes nest most deeply; found without recursion. */
export function deepestLine(root: AstNode): number {
  let deepest = root;
  for (let level = [root]; level.length > 0;) {
    [deepest] = level;
    const next: AstNode[] = [];
    for (const node of level) forEachChild(node, (child) => void next.push(child));
    level = next;
  }
  return deepest.lineno;
}

/** Every node of a kind, in the order of the text. */
export function findNodes<Kind extends AstNode>(root: AstNode, kind: abstract new (...args: never[]) => Kind): Kind[] {
  const found: Kind[] = [];
  const visit = (node: AstNode): void => {
    if (node instanceof kind) found.push(node);
    forEachChild(node, visit);
  };
  forEachChild(root, visit);
  return found;
}
