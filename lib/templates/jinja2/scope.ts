import {
  Assign,
  AssignBlock,
  BlockDefinition,
  CallBlock,
  Conditional,
  FilterBlock,
  ImportModule,
  ImportNames,
  Loop,
  MacroDefinition,
  Name,
  NamespaceTarget,
  With,
  forEachChild,
} from './nodes';
import { AstNode } from './nunjucks';

/** Where the variable of a name gets its first value from when its scope begins. */
export type Origin =
  | { readonly from: 'parameter' }
  | { readonly from: 'context'; readonly name: string }
  | { readonly from: 'outer'; readonly variable: string }
  | { readonly from: 'nothing' };

/**
 * The names of one scope and the JavaScript variables that hold them. Jinja2 decides when it compiles which variable a
 * name means: a loop, macro, block, `with` or call has its own scope, `if` has none. This follows its rules, so that what
 * is assigned in a loop does not leak and what is assigned in one branch falls back to the context in the other.
 *
 * @internal
 */
export class Names {
  public refs = new Map<string, string>();
  public origins = new Map<string, Origin>();
  public stores = new Set<string>();
  /** Whether the scope is a loop, `with` or the like: no function of Python's, whose variables live on. */
  public passes = false;

  public constructor(
    public readonly parent: Names | null,
    public readonly level: number = parent === null ? 0 : parent.level + 1,
  ) {}

  public find(name: string): string | undefined {
    return this.owner(name)?.refs.get(name);
  }

  /** The scope that the name belongs to. */
  public owner(name: string): Names | undefined {
    return this.refs.has(name) ? this : this.parent?.owner(name);
  }

  /** The variable of a name that the analysis has seen. */
  public variable(name: string): string {
    const variable = this.find(name);
    if (variable === undefined) throw new Error(`the name ${name} was not seen when the scopes of the template were analysed`);
    return variable;
  }

  public origin(variable: string): Origin | undefined {
    return this.origins.get(variable) ?? this.parent?.origin(variable);
  }

  public declareParameter(name: string): string {
    this.stores.add(name);
    return this.define(name, { from: 'parameter' });
  }

  public load(name: string): void {
    if (this.find(name) === undefined) this.define(name, { from: 'context', name });
  }

  public store(name: string): void {
    this.stores.add(name);
    if (this.refs.has(name)) return;
    const outer = this.parent?.find(name);
    this.define(name, outer === undefined ? { from: 'nothing' } : { from: 'outer', variable: outer });
  }

  /** All names that are assigned here or further out, for templates that are included. */
  public visibleStores(): Map<string, string> {
    const visible = new Map<string, string>();
    for (const name of Array.from(this.stores).sort()) visible.set(name, this.variable(name));
    for (const [name, variable] of this.parent?.visibleStores() ?? []) {
      if (!visible.has(name)) visible.set(name, this.find(name) ?? variable);
    }
    return visible;
  }

  public copy(): Names {
    const copy = new Names(this.parent, this.level);
    copy.refs = new Map(this.refs);
    copy.origins = new Map(this.origins);
    copy.stores = new Set(this.stores);
    return copy;
  }

  /** Joins what the branches of a condition assign. */
  public merge(branches: readonly Names[]): void {
    const assigned = new Set(branches.flatMap((branch) => Array.from(branch.stores).filter((name) => !this.stores.has(name))));
    for (const branch of branches) {
      for (const [name, variable] of branch.refs) this.refs.set(name, variable);
      for (const [variable, origin] of branch.origins) this.origins.set(variable, origin);
      for (const name of branch.stores) this.stores.add(name);
    }
    for (const name of assigned) {
      const outer = this.parent?.find(name);
      this.origins.set(this.variable(name), outer === undefined ? { from: 'context', name } : { from: 'outer', variable: outer });
    }
  }

  private define(name: string, origin: Origin): string {
    const variable = `l_${this.level}_${name}`;
    this.refs.set(name, variable);
    this.origins.set(variable, origin);
    return variable;
  }
}

/** Reads the names of nodes that belong to one scope; nested scopes are left to their own analysis. */
export function analyse(names: Names, nodes: readonly (AstNode | null)[], asParameters = false): void {
  for (const node of nodes) {
    if (node !== null) visit(names, node, asParameters);
  }
}

function visit(names: Names, node: AstNode, asParameters: boolean): void {
  if (node instanceof Name) {
    if (asParameters || node.context === 'param') names.declareParameter(node.value);
    else if (node.context === 'store') names.store(node.value);
    else names.load(node.value);
  } else if (node instanceof NamespaceTarget) names.load(node.name);
  else if (node instanceof Conditional) visitConditional(names, node);
  else if (node instanceof MacroDefinition) names.store(node.name);
  else if (node instanceof ImportModule) {
    visit(names, node.template, false);
    names.store(node.target);
  } else if (node instanceof ImportNames) {
    visit(names, node.template, false);
    for (const { alias } of node.names) names.store(alias);
  } else if (node instanceof Assign) analyse(names, [node.value, node.target]);
  else if (node instanceof AssignBlock) visit(names, node.target, false);
  else if (node instanceof Loop) visit(names, node.iterable, false);
  else if (node instanceof CallBlock) visit(names, node.call, false);
  else if (node instanceof FilterBlock) visit(names, node.filter, false);
  else if (node instanceof With) analyse(names, node.values);
  else if (!(node instanceof BlockDefinition)) forEachChild(node, (child) => visit(names, child, asParameters));
}

/**
 * Jinja2 looks at three alternatives: the first branch, all elif tests and bodies together, and the else. What any of
 * them assigns has the value from outside until then.
 */
function visitConditional(names: Names, node: Conditional): void {
  const [first, ...others] = node.branches;
  visit(names, first.test, false);
  const alternative = (read: (copy: Names) => void): Names => {
    const copy = names.copy();
    read(copy);
    return copy;
  };
  names.merge([
    alternative((copy) => analyse(copy, [first.body])),
    alternative((copy) => {
      for (const branch of others) {
        // Each elif is an `if` of its own to the analysis.
        visit(copy, branch.test, false);
        copy.merge([alternativeOf(copy, branch.body), copy.copy(), copy.copy()]);
      }
    }),
    alternative((copy) => analyse(copy, [node.otherwise])),
  ]);
}

function alternativeOf(names: Names, body: AstNode): Names {
  const copy = names.copy();
  visit(copy, body, false);
  return copy;
}

/** Which of the names are read without being assigned before, nested scopes included. */
export function findUndeclared(nodes: readonly (AstNode | null)[], wanted: readonly string[]): Set<string> {
  const names = new Set(wanted);
  const undeclared = new Set<string>();
  const walk = (node: AstNode): void => {
    if (node instanceof Name) {
      if (node.context === 'load' && names.has(node.value)) undeclared.add(node.value);
      else names.delete(node.value);
    } else if (!(node instanceof BlockDefinition)) forEachChild(node, walk);
  };
  for (const node of nodes) {
    if (node !== null) walk(node);
  }
  return undeclared;
}
