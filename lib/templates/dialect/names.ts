import { Node } from './nunjucks';

/** The names that are read anywhere in a tree; nunjucks does not list the condition of a loop and the body of a set. */
export function namesIn(node: unknown): unknown[] {
  if (Array.isArray(node)) return node.flatMap(namesIn);
  if (typeof node !== 'object' || node === null || !('fields' in node)) return [];
  const { typename, value, fields } = node as Node;
  return typename === 'Symbol'
    ? [value]
    : Array.from(new Set([...fields, 'cond', 'body']), (field) => node[field as never]).flatMap(namesIn);
}

/**
 * Names that a body assigns, whatever it does, and does not read before. In Jinja2 the blocks inside of it do not see
 * what such a name was outside, not even before it is assigned.
 */
export function assignedIn(body: Node, read = new Set<unknown>()): unknown[] {
  const assigned: unknown[] = [];
  const note = (names: unknown[], list: { push(name: unknown): unknown }): void =>
    names.filter((name) => !assigned.includes(name) && !read.has(name)).forEach((name) => list.push(name));
  const reads = { push: (name: unknown) => read.add(name) };
  for (const node of body.children) {
    const { typename, targets, value } = node;
    note(namesIn([node.children, typename === 'With' ? value : [], node.arr, node.template, node.expr]), reads);
    if (typename === 'Set') {
      note(namesIn(node.body ? [] : value), reads);
      note(namesIn(targets.filter((target) => target.typename === 'Symbol')), assigned);
      note(namesIn(targets.filter((target) => target.typename !== 'Symbol')), reads);
    } else if (typename === 'Macro') note([node.name.value], assigned);
    else if (typename === 'If') note(assignedInAll(node, read, assigned), assigned);
  }
  return assigned;
}

/**
 * Names that `if`, one of the `elif` and `else` assign; Jinja2 counts three branches, whether they are there or not. What
 * only some assign is as if it were read.
 */
function assignedInAll(node: Node, read: Set<unknown>, before: readonly unknown[]): unknown[] {
  const branches: unknown[][] = [[], [], []];
  let branch: Node | null = node;
  for (; branch?.typename === 'If'; branch = branch.else_) {
    const names = namesIn(branch.cond);
    names.filter((name) => !before.includes(name)).forEach((name) => read.add(name));
    branches[branch === node ? 0 : 1].push(...assignedIn(branch.body, read));
  }
  if (branch) branches[2] = assignedIn(branch, read);
  const inAll = branches[0].filter((name) => branches.every((names) => names.includes(name)));
  const inSome = branches.flat().filter((name) => !inAll.includes(name) && !before.includes(name));
  inSome.forEach((name) => read.add(name));
  return inAll.filter((name) => !read.has(name));
}
