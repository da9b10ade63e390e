import { TemplateError } from '../template-error';
import { filters } from './filters';
import { tests } from './tests';
import {
  Arguments,
  Assign,
  AssignBlock,
  Attribute,
  BlockDefinition,
  Call,
  CallBlock,
  Conditional,
  Do,
  FilterBlock,
  FilterCall,
  ImportModule,
  ImportNames,
  Inclusion,
  Keyword,
  Loop,
  MacroDefinition,
  Name,
  NamespaceTarget,
  Slice,
  TemplateTree,
  TestCall,
  TupleLiteral,
  With,
  forEachChild,
  findNodes,
} from './nodes';
import { AstNode, BinaryNode, Compiler, NodeList, UnaryNode, nodes } from './nunjucks';
import { truthy } from './operators';
import { Names, analyse, findUndeclared } from './scope';
import { Float } from './values';

/** A scope that a macro defined in it may outlive. */
interface PassingScope {
  /** JavaScript variable of the object that says whether the scope has ended. */
  readonly variable: string;
  /** Whether a macro asks. */
  isAsked: boolean;
}

/** What the compiler knows about the scope it writes code for. */
class Frame {
  /** The root of the template and the conditions in it, but nothing with names of its own. */
  public toplevel = false;
  public rootlevel = false;
  /** Inside a condition: an unknown filter is an error only when it is reached. */
  public conditional = false;
  /** In a template that may extend another: text outside of blocks is not printed. */
  public checksParent = false;
  /** The innermost loop, `with` or the like around, whose names are gone when it ends. */
  public passing: PassingScope | null = null;

  public constructor(
    public readonly names: Names,
    public buffer: string,
  ) {}

  public inner(): Frame {
    const frame = new Frame(new Names(this.names), this.buffer);
    frame.checksParent = this.checksParent;
    frame.passing = this.passing;
    return frame;
  }

  public soft(): Frame {
    const frame = new Frame(this.names, this.buffer);
    frame.toplevel = this.toplevel;
    frame.checksParent = this.checksParent;
    frame.passing = this.passing;
    frame.conditional = true;
    return frame;
  }
}

const binaryFunctions: Record<string, string> = {
  Add: 'add',
  Sub: 'subtract',
  Mul: 'multiply',
  Div: 'divide',
  FloorDiv: 'floorDivide',
  Mod: 'modulo',
  Pow: 'power',
};
const compareFunctions: Record<string, string> = {
  '==': 'equals',
  '!=': '!equals',
  '<': 'lessThan',
  '<=': 'atMost',
  '>': 'greaterThan',
  '>=': 'atLeast',
};

/** The functions that compiled templates call by these names. */
export const operations = [
  ...Object.values(binaryFunctions),
  'equals',
  'lessThan',
  'atMost',
  'greaterThan',
  'atLeast',
  'contains',
  'truthy',
  'negate',
  'positive',
  'slice',
  'iterate',
];

/**
 * Turns the syntax tree into JavaScript: nunjucks' compiler with Python's semantics for every node. A template becomes an
 * object with the function `root(runtime, context)`, which returns the rendered text, and one function per block.
 *
 * @internal
 */
export class JinjaCompiler extends Compiler {
  private readonly constants: string[] = [];
  private readonly blocks = new Map<string, BlockDefinition>();
  private extendsSeen = 0;
  private hasKnownParent = false;
  private readsDefaults = false;
  private lastLine = 0;
  private temporaries: string[] = [];

  public constructor(
    templateName: string,
    private readonly tree: TemplateTree,
    /** Whether the code tells the runtime where each piece of text stands. */
    private readonly locatesText: boolean,
  ) {
    super(templateName, false);
  }

  /** The JavaScript of a template: the body of a function of the operations, the value classes and nothing else. */
  public compileTemplate(): string {
    for (const block of this.tree.blocks) {
      if (this.blocks.has(block.name)) this.fail(`block '${block.name}' is defined twice`, block.lineno);
      this.blocks.set(block.name, block);
    }
    const functions = [this.functionOf('root', () => this.rootBody(this.tree.root))];
    for (const block of this.blocks.values()) functions.push(this.functionOf(`block_${block.name}`, () => this.blockBody(block)));
    const blockList = Array.from(this.blocks.keys(), (name) => `[${JSON.stringify(name)}, block_${name}]`).join(', ');
    return [
      '"use strict";',
      `const { ${operations.join(', ')} } = operations;`,
      'const { Float, Tuple, Dict } = values;',
      `const T = ${JSON.stringify(this.templateName)};`,
      ...this.constants,
      ...functions,
      `return { root, blocks: [${blockList}] };`,
    ].join('\n');
  }

  public override fail(message: string, lineno?: number): never {
    throw new TemplateError({
      code: 'TemplateSyntax',
      template: this.templateName,
      line: lineno === undefined ? undefined : lineno + 1,
      problem: message,
      remedy: 'correct the template: Jinja2 refuses it as well',
    });
  }

  private unsupported(problem: string, node: AstNode, remedy: string): never {
    throw new TemplateError({ code: 'NotSupported', template: this.templateName, line: node.lineno + 1, problem, remedy });
  }

  // --- functions and scopes

  /** Code that is written elsewhere than at the end. */
  private collect(write: () => void): string {
    const before = this.codebuf;
    this.codebuf = [];
    write();
    const code = this.codebuf.join('');
    this.codebuf = before;
    return code;
  }

  declare private codebuf: string[];

  private functionOf(name: string, writeBody: () => void): string {
    this.temporaries = [];
    this.lastLine = 0;
    const body = this.collect(writeBody);
    const temporaries = this.temporaries.map((temporary) => `, ${temporary}`).join('');
    return `function ${name}(rt, context) {\nlet line = 1${temporaries};\nlet out = "";\ntry {\n${body}return out;\n} catch (error) { throw rt.locate(error, T, line); }\n}`;
  }

  private temporary(): string {
    const name = this._tmpid();
    this.temporaries.push(name);
    return name;
  }

  private rootBody(root: NodeList): void {
    const { hasParent } = this.tree;
    const frame = new Frame(new Names(null), 'out');
    if (this.undeclared(root.children, ['self']).has('self'))
      this._emitLine(`const ${frame.names.declareParameter('self')} = rt.self(context);`);
    analyse(frame.names, root.children);
    frame.toplevel = frame.rootlevel = true;
    frame.checksParent = hasParent;
    if (hasParent) this._emitLine('let parent = null;');
    this.enter(frame.names);
    this.statements(root, frame);
    if (hasParent) this._emitLine('if (parent !== null) out += parent.root(rt, context);');
  }

  private blockBody(block: BlockDefinition): void {
    const frame = new Frame(new Names(null), 'out');
    const undeclared = this.undeclared(block.body.children, ['self', 'super']);
    if (undeclared.has('self')) this._emitLine(`const ${frame.names.declareParameter('self')} = rt.self(context);`);
    if (undeclared.has('super')) {
      const variable = frame.names.declareParameter('super');
      this._emitLine(`const ${variable} = rt.superBlock(context, ${JSON.stringify(block.name)}, block_${block.name});`);
    }
    analyse(frame.names, block.body.children);
    this.enter(frame.names);
    this.statements(block.body, frame);
  }

  /** Which of these names are read in the nodes without being assigned there before. */
  private undeclared(list: readonly AstNode[], names: readonly string[]): Set<string> {
    const read = names.filter((name) => this.tree.namesRead.has(name));
    return read.length === 0 ? new Set() : findUndeclared(list, names);
  }

  /** Declares the variables of a scope. */
  private enter(names: Names): void {
    for (const [variable, origin] of names.origins) {
      if (origin.from === 'context') this._emitLine(`let ${variable} = context.resolve(${JSON.stringify(origin.name)});`);
      else if (origin.from === 'outer') this._emitLine(`let ${variable} = ${origin.variable};`);
      else if (origin.from === 'nothing') this._emitLine(`let ${variable};`);
    }
  }

  /** Writes the body of a scope that passes: at its end the macros that were defined in it lose its names. */
  private passingScope(frame: Frame, write: () => void): void {
    const scope: PassingScope = { variable: this._tmpid(), isAsked: false };
    frame.passing = scope;
    frame.names.passes = true;
    const code = this.collect(write);
    if (scope.isAsked) this._emitLine(`const ${scope.variable} = { hasEnded: false };`);
    this._emit(code);
    if (scope.isAsked) this._emitLine(`${scope.variable}.hasEnded = true;`);
  }

  private at(node: { readonly lineno: number }): void {
    if (node.lineno === this.lastLine) return;
    this.lastLine = node.lineno;
    this._emitLine(`line = ${node.lineno + 1};`);
  }

  /** After code that may have been skipped or repeated the line is not known. */
  private forgetLine(): void {
    this.lastLine = -1;
  }

  private statements(list: NodeList, frame: Frame): void {
    for (const node of list.children) this.compile(node, frame);
  }

  // --- output

  public compileOutput(node: NodeList, frame: Frame): void {
    if (frame.checksParent) {
      if (this.hasKnownParent) return;
      this._emitLine('if (parent === null) {');
    }
    for (const child of node.children) {
      if (child instanceof nodes.TemplateData) {
        if (child.value === '') continue;
        const data = text(child.value);
        this._emitLine(`${frame.buffer} += ${this.locatesText ? `rt.textAt(${data}, T, ${child.lineno + 1})` : data};`);
      } else {
        this.at(child.lineno > node.lineno ? node : child);
        const key = contextKey(child);
        let value = this.collect(() => this.expression(child, frame));
        if (isConstant(child) && !(child instanceof nodes.Literal)) {
          const slot = this.constant('{ value: undefined }');
          value = `${slot}.value === undefined ? rt.keep(${slot}, ${value}) : ${slot}.value`;
        }
        this._emitLine(
          `${frame.buffer} += rt.emit(${value}, T, ${node.lineno + 1}${key === undefined ? '' : `, ${JSON.stringify(key)}`});`,
        );
      }
    }
    if (frame.checksParent) {
      this._emitLine('}');
      this.forgetLine();
    }
  }

  public compileDo(node: Do, frame: Frame): void {
    this.at(node);
    this.expression(node.expression, frame);
    this._emitLine(';');
  }

  public compileConditional(node: Conditional, frame: Frame): void {
    const inner = frame.soft();
    node.branches.forEach((branch, index) => {
      // The lines of conditions are set in the conditions, since they are tried one after the other.
      if (index === 0) this.at(branch);
      const test = this.collect(() => this.condition(branch.test, inner));
      this._emitLine(index === 0 ? `if (${test}) {` : `} else if ((line = ${branch.lineno + 1}, ${test})) {`);
      this.forgetLine();
      this.statements(branch.body, inner);
    });
    if (node.otherwise) {
      this._emitLine('} else {');
      this.forgetLine();
      this.statements(node.otherwise, inner);
    }
    this._emitLine('}');
    this.forgetLine();
  }

  public compileLoop(node: Loop, frame: Frame): void {
    const assignsLoop = this.tree.namesAssigned.has('loop');
    if (assignsLoop && findNodes(node, Name).some((name) => name.context === 'store' && name.value === 'loop')) {
      this.fail("cannot assign to the special variable 'loop' in a loop", node.lineno);
    }
    const isExtended =
      node.recursive ||
      this.undeclared(node.body.children, ['loop']).has('loop') ||
      (this.tree.blocks.length > 0 && findNodes(node, BlockDefinition).some((block) => block.scoped));
    const body = frame.inner();
    const loopVariable = isExtended ? body.names.declareParameter('loop') : null;
    analyse(body.names, [node.target], true);
    analyse(body.names, [node.body]);
    this.at(node);
    if (node.recursive) {
      this.recursiveLoop(node, frame, body, loopVariable);
      return;
    }
    this._emitLine('{');
    const source = this.collect(() => this.expression(node.iterable, frame));
    this.loopCode(node, frame, body, loopVariable, source, 'null, 0');
    this._emitLine('}');
  }

  private recursiveLoop(node: Loop, frame: Frame, body: Frame, loopVariable: string | null): void {
    const render = this._tmpid();
    const buffer = this._tmpid();
    body.buffer = buffer;
    this._emitLine(`{ const ${render} = (source, depth) => {`);
    this._emitLine(`let ${buffer} = "";`);
    this._emitLine('rt.captures++;');
    const outer = frame.inner();
    outer.buffer = buffer;
    this.loopCode(node, outer, body, loopVariable, 'source', `${render}, depth`);
    this._emitLine('rt.captures--;');
    this._emitLine(`return rt.captured(${buffer}); };`);
    this.forgetLine();
    this.at(node);
    const source = this.collect(() => this.expression(node.iterable, frame));
    this._emitLine(`${frame.buffer} += rt.emit(${render}(${source}, 0), T, ${node.lineno + 1}); }`);
    this.forgetLine();
  }

  private loopCode(node: Loop, frame: Frame, body: Frame, loopVariable: string | null, source: string, recursion: string): void {
    const entered = node.otherwise ? this._tmpid() : null;
    const item = this._tmpid();
    const filtered = node.test ? this.loopFilter(node, node.test, frame, source) : source;
    if (entered !== null) this._emitLine(`let ${entered} = false;`);
    if (loopVariable !== null) {
      const loop = this._tmpid();
      this._emitLine(`const ${loop} = rt.loop(${filtered}, ${recursion});`);
      this._emitLine(`while (${loop}.advance()) { const ${item} = ${loop}.item, ${loopVariable} = ${loop};`);
    } else this._emitLine(`for (const ${item} of iterate(${filtered})) {`);
    this.passingScope(body, () => {
      this.assignNew(node.target, body, item);
      this.enter(body.names);
      this.forgetLine();
      this.statements(node.body, body);
    });
    if (entered !== null) this._emitLine(`${entered} = true;`);
    this._emitLine('}');
    if (node.otherwise && entered !== null) {
      const otherwise = frame.inner();
      analyse(otherwise.names, [node.otherwise]);
      this._emitLine(`if (!${entered}) {`);
      this.passingScope(otherwise, () => {
        this.enter(otherwise.names);
        this.forgetLine();
        this.statements(node.otherwise as NodeList, otherwise);
      });
      this._emitLine('}');
    }
    this.forgetLine();
  }

  /** The condition of `for .. if`: asked lazily, item by item, before the loop counts. */
  private loopFilter(node: Loop, test: AstNode, frame: Frame, source: string): string {
    const name = this._tmpid();
    const item = this._tmpid();
    const scope = frame.inner();
    analyse(scope.names, [node.target], true);
    analyse(scope.names, [test]);
    this._emitLine(`const ${name} = function* (source) {`);
    this._emitLine(`for (const ${item} of iterate(source)) {`);
    this.assignNew(node.target, scope, item);
    this.enter(scope.names);
    const condition = this.collect(() => this.condition(test, scope));
    const rebuilt = node.target instanceof TupleLiteral ? this.collect(() => this.expression(asLoaded(node.target), scope)) : item;
    this._emitLine(`line = ${test.lineno + 1}; if (${condition}) yield ${rebuilt};`);
    this._emitLine('} };');
    return `rt.generator(${name}(${source}))`;
  }

  /** Declares the variables of a loop's target and fills them. */
  private assignNew(target: AstNode, frame: Frame, value: string): void {
    if (target instanceof Name) {
      this._emitLine(`let ${frame.names.variable(target.value)} = ${value};`);
      return;
    }
    const parts = this._tmpid();
    const { children } = target as NodeList;
    this._emitLine(`const ${parts} = rt.unpack(${value}, ${children.length});`);
    const seen = new Set<string>();
    children.forEach((child, index) => {
      if (child instanceof Name && seen.has(child.value)) this._emitLine(`${frame.names.variable(child.value)} = ${parts}[${index}];`);
      else this.assignNew(child, frame, `${parts}[${index}]`);
      if (child instanceof Name) seen.add(child.value);
    });
  }

  // --- assignment

  public compileAssign(node: Assign, frame: Frame): void {
    const names = node.value instanceof TupleLiteral ? findNodes(node.target, Name).map((target) => target.value) : [];
    if (new Set(names).size < names.length)
      this.unsupported(
        'a name twice on the left of = is not supported: releases of Python disagree',
        node,
        'use another name for one of them',
      );
    this.at(node);
    const value = this.collect(() => this.expression(node.value, frame));
    this.assign(node.target, frame, value);
  }

  private assign(target: AstNode, frame: Frame, value: string): void {
    if (target instanceof NamespaceTarget) {
      this._emitLine(`rt.setAttribute(${this.name(target.name, frame)}, ${JSON.stringify(target.attribute)}, ${value});`);
    } else if (target instanceof Name) {
      const variable = frame.names.variable(target.value);
      this._emitLine(`${variable} = ${value};`);
      if (frame.toplevel) this._emitLine(`context.assign(${JSON.stringify(target.value)}, ${variable}, ${!target.value.startsWith('_')});`);
    } else {
      const parts = this._tmpid();
      const { children } = target as NodeList;
      this._emitLine(`{ const ${parts} = rt.unpack(${value}, ${children.length});`);
      children.forEach((child, index) => this.assign(child, frame, `${parts}[${index}]`));
      this._emitLine('}');
    }
  }

  public compileAssignBlock(node: AssignBlock, frame: Frame): void {
    this.at(node);
    const scope = frame.inner();
    scope.checksParent = false;
    analyse(scope.names, [node.body]);
    const result = this._tmpid();
    this._emitLine(`let ${result}; {`);
    this.passingScope(scope, () => {
      this.enter(scope.names);
      const captured = this.capture(node.body, scope);
      const value = node.filter === null ? captured : this.collect(() => this.filterCall(node.filter as FilterCall, captured, scope));
      this.at(node);
      this._emitLine(`${result} = ${value};`);
    });
    this._emitLine('}');
    this.assign(node.target, frame, result);
  }

  /** Renders a body into a buffer of its own and gives the expression of the result. */
  private capture(body: NodeList, frame: Frame): string {
    const buffer = this._tmpid();
    frame.buffer = buffer;
    this._emitLine(`let ${buffer} = "";`);
    this._emitLine('rt.captures++;');
    this.statements(body, frame);
    this._emitLine('rt.captures--;');
    return `rt.captured(${buffer})`;
  }

  public compileWith(node: With, frame: Frame): void {
    this.at(node);
    const scope = frame.inner();
    analyse(scope.names, node.targets);
    analyse(scope.names, [node.body]);
    // The values belong to the scope outside, so they are all computed before the names of this one exist.
    const values = node.values.map((value) => {
      const variable = this._tmpid();
      const code = this.collect(() => this.expression(value, frame));
      this._emitLine(`const ${variable} = ${code};`);
      return variable;
    });
    this._emitLine('{');
    this.passingScope(scope, () => {
      const declared = new Set<string>();
      node.targets.forEach((target, index) => {
        if (target instanceof Name && declared.has(target.value))
          this._emitLine(`${scope.names.variable(target.value)} = ${values[index]};`);
        else this.assignNew(target, scope, values[index]);
        if (target instanceof Name) declared.add(target.value);
      });
      this.enter(scope.names);
      this.statements(node.body, scope);
    });
    this._emitLine('}');
  }

  public compileFilterBlock(node: FilterBlock, frame: Frame): void {
    this.at(node);
    const scope = frame.inner();
    analyse(scope.names, [node.body, node.filter]);
    this._emitLine('{');
    this.passingScope(scope, () => {
      this.enter(scope.names);
      const captured = this.capture(node.body, scope);
      this.at(node);
      const value = this.collect(() => this.filterCall(node.filter, captured, scope));
      this._emitLine(`${frame.buffer} += rt.emit(${value}, T, ${node.lineno + 1});`);
    });
    this._emitLine('}');
  }

  // --- macros

  public compileMacroDefinition(node: MacroDefinition, frame: Frame): void {
    this.at(node);
    const macro = this.macro(node, frame, JSON.stringify(node.name));
    const variable = frame.names.variable(node.name);
    this._emitLine(`${variable} = ${macro};`);
    if (frame.toplevel) this._emitLine(`context.assign(${JSON.stringify(node.name)}, ${variable}, ${!node.name.startsWith('_')});`);
    this.forgetLine();
  }

  public compileCallBlock(node: CallBlock, frame: Frame): void {
    this.at(node);
    const caller = this._tmpid();
    const macro = this.macro(node, frame, 'null');
    this._emitLine(`{ const ${caller} = ${macro};`);
    this.forgetLine();
    this.at(node);
    const call = this.collect(() => this.call(node.call, frame, caller));
    this._emitLine(`${frame.buffer} += rt.emit(${call}, T, ${node.lineno + 1}); }`);
  }

  private macro(node: MacroDefinition | CallBlock, frame: Frame, nameCode: string): string {
    const scope = frame.inner();
    scope.checksParent = false;
    analyse(scope.names, node.parameters);
    analyse(scope.names, node.defaults);
    analyse(scope.names, [node.body]);
    const undeclared = this.undeclared([node.body], ['caller', 'kwargs', 'varargs']);
    const names = node.parameters.map((parameter) => parameter.value);
    const duplicate = names.find((name, index) => names.indexOf(name) !== index);
    if (duplicate !== undefined) this.fail(`the parameter '${duplicate}' is declared twice`, node.lineno);
    const parameters = names.map((name) => scope.names.variable(name));
    const special = { caller: false, kwargs: false, varargs: false };
    if (undeclared.has('caller')) {
      const index = names.indexOf('caller');
      if (index === -1) parameters.push(scope.names.declareParameter('caller'));
      else if (index < names.length - node.defaults.length) this.fail("the parameter 'caller' needs a default", node.lineno);
      special.caller = true;
    }
    for (const name of ['kwargs', 'varargs'] as const) {
      if (!undeclared.has(name) || names.includes(name)) continue;
      parameters.push(scope.names.declareParameter(name));
      special[name] = true;
    }
    const body = this.collect(() => {
      this.forgetLine();
      this.enter(scope.names);
      this.readsDefaults = true;
      node.parameters.forEach((parameter, index) => {
        const variable = scope.names.variable(parameter.value);
        const fallback = node.defaults[index - (node.parameters.length - node.defaults.length)] as AstNode | undefined;
        const value = fallback
          ? this.collect(() => this.expression(fallback, scope))
          : `rt.missingParameter(${JSON.stringify(parameter.value)})`;
        this._emitLine(`if (${variable} === undefined) ${variable} = ${value};`);
      });
      this.readsDefaults = false;
      const captured = this.capture(node.body, scope);
      this._emitLine(`return ${captured};`);
    });
    const lineBefore = this._tmpid();
    const scopeCode = this.passingScopeOf(node, frame);
    return (
      `rt.macro(${nameCode}, ${JSON.stringify(names)}, ${special.kwargs}, ${special.varargs}, ${special.caller}, ${scopeCode}, (${parameters.join(', ')}) => {\n` +
      `const ${lineBefore} = line;\ntry {\nline = ${node.lineno + 1};\n${body}} catch (error) { throw rt.locate(error, T, line); } finally { line = ${lineBefore}; }\n})`
    );
  }

  /** The scope around whose names the macro reads. Python would find them changed or gone when it is called later. */
  private passingScopeOf(node: MacroDefinition | CallBlock, frame: Frame): string {
    if (frame.passing === null) return 'null';
    const sees = (name: string): boolean => frame.names.owner(name)?.passes ?? false;
    const reads =
      findNodes(node, Name).some(({ value }) => sees(value)) ||
      findNodes(node, NamespaceTarget).some(({ name }) => sees(name)) ||
      // These take along whatever is visible.
      [Inclusion, ImportModule, ImportNames, BlockDefinition].some((kind) => findNodes<AstNode>(node, kind).length > 0);
    if (!reads) return 'null';
    frame.passing.isAsked = true;
    return frame.passing.variable;
  }

  // --- other templates

  private locals(frame: Frame): string {
    // At the top level everything that is assigned is in the context already.
    if (frame.toplevel) return 'null';
    const entries = Array.from(frame.names.visibleStores(), ([name, variable]) => `[${JSON.stringify(name)}, ${variable}]`);
    return entries.length === 0 ? 'null' : `[${entries.join(', ')}]`;
  }

  public compileInclusion(node: Inclusion, frame: Frame): void {
    this.at(node);
    if (!node.withContext && frame.buffer !== 'out') {
      // Releases of Jinja2 write such text beside the block, or instead of it the name of a generator.
      this.unsupported(
        '{% include .. without context %} inside a macro, call, filter, set block or recursive loop is not supported',
        node,
        'include it with context',
      );
    }
    const template = this.collect(() => this.expression(node.template, frame));
    const locals = node.withContext ? this.locals(frame) : 'null';
    const context = node.withContext ? 'context' : 'null';
    this._emitLine(`${frame.buffer} += rt.include(${template}, ${context}, ${locals}, ${node.ignoreMissing});`);
  }

  private moduleOf(node: ImportModule | ImportNames, frame: Frame): string {
    const template = this.collect(() => this.expression(node.template, frame));
    return `rt.module(${template}, ${node.withContext ? `context, ${this.locals(frame)}` : 'null, null'})`;
  }

  public compileImportModule(node: ImportModule, frame: Frame): void {
    this.at(node);
    const variable = frame.names.variable(node.target);
    this._emitLine(`${variable} = ${this.moduleOf(node, frame)};`);
    if (frame.toplevel) this._emitLine(`context.assign(${JSON.stringify(node.target)}, ${variable}, false);`);
  }

  public compileImportNames(node: ImportNames, frame: Frame): void {
    this.at(node);
    const module = this._tmpid();
    this._emitLine(`{ const ${module} = ${this.moduleOf(node, frame)};`);
    for (const { name, alias } of node.names) {
      const variable = frame.names.variable(alias);
      this._emitLine(`${variable} = ${module}.imported(${JSON.stringify(name)});`);
      if (frame.toplevel) this._emitLine(`context.assign(${JSON.stringify(alias)}, ${variable}, false);`);
    }
    this._emitLine('}');
  }

  public compileBlockDefinition(node: BlockDefinition, frame: Frame): void {
    if (frame.toplevel && this.hasKnownParent) return;
    this.at(node);
    const check = frame.toplevel && this.extendsSeen > 0;
    if (check) this._emitLine('if (parent === null) {');
    const context = node.scoped ? `context.derived(${this.locals(frame)})` : 'context';
    this._emitLine(`${frame.buffer} += rt.block(${JSON.stringify(node.name)}, ${context}, ${node.required});`);
    if (check) this._emitLine('}');
  }

  public compileExtends(node: AstNode & { readonly template: AstNode }, frame: Frame): void {
    if (!frame.toplevel) this.fail('{% extends %} must not stand inside a loop, block or macro', node.lineno);
    this.at(node);
    if (this.extendsSeen > 0) this._emitLine('if (parent !== null) rt.extendsTwice();');
    const template = this.collect(() => this.expression(node.template, frame));
    this._emitLine(`parent = rt.parent(${template}, context);`);
    if (frame.rootlevel) this.hasKnownParent = true;
    this.extendsSeen++;
  }

  // --- expressions

  private expression(node: AstNode, frame: Frame): void {
    this.compile(node, frame);
  }

  private code(node: AstNode, frame: Frame): string {
    return this.collect(() => this.expression(node, frame));
  }

  /** An expression of which only the truth is needed. */
  private condition(whole: AstNode, frame: Frame): void {
    const node = decided(whole);
    if (node instanceof nodes.And || node instanceof nodes.Or) {
      const { left, right } = node;
      this._emit('(');
      this.condition(left, frame);
      this._emit(node instanceof nodes.And ? ' && ' : ' || ');
      this.condition(right, frame);
      this._emit(')');
    } else if (isBoolean(node)) this.expression(node, frame);
    else {
      this._emit('truthy(');
      this.expression(node, frame);
      this._emit(')');
    }
  }

  public compileSymbol(node: Name, frame: Frame): void {
    this._emit(this.name(node.value, frame, node.lineno));
  }

  private name(name: string, frame: Frame, lineno?: number): string {
    // Jinja2 does not look for names in the filter of a set block either.
    if (frame.names.find(name) === undefined) this.fail(`the name '${name}' is not known in the filter of this block`, lineno);
    const variable = frame.names.variable(name);
    const isParameter = frame.names.origin(variable)?.from === 'parameter';
    return isParameter && !this.readsDefaults
      ? variable
      : `(${variable} === undefined ? rt.missingName(${JSON.stringify(name)}) : ${variable})`;
  }

  public compileLiteral(node: { readonly value: unknown }): void {
    this._emit(this.literal(node.value));
  }

  private literal(value: unknown): string {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (value instanceof Float) return this.constant(`new Float(${value.value})`);
    return String(value);
  }

  private constant(code: string): string {
    const name = `k_${this.constants.length}`;
    this.constants.push(`const ${name} = ${code};`);
    return name;
  }

  private list(children: readonly AstNode[], frame: Frame): string {
    return `[${children.map((child) => this.code(child, frame)).join(', ')}]`;
  }

  public compileArray(node: NodeList, frame: Frame): void {
    this._emit(this.list(node.children, frame));
  }

  public compileTupleLiteral(node: NodeList, frame: Frame): void {
    const code = `new Tuple(${this.list(node.children, frame)})`;
    this._emit(node.children.every((child) => child instanceof nodes.Literal) ? this.constant(code) : code);
  }

  public compileDict(node: NodeList, frame: Frame): void {
    const pairs = node.children as unknown as { readonly key: AstNode; readonly value: AstNode }[];
    this._emit(`Dict.from([${pairs.map(({ key, value }) => `[${this.code(key, frame)}, ${this.code(value, frame)}]`).join(', ')}])`);
  }

  public compileJoined(node: NodeList, frame: Frame): void {
    this._emit(`rt.join(${this.list(node.children, frame)}, T, ${node.lineno + 1})`);
  }

  public compileInlineIf(
    node: { readonly cond: AstNode; readonly body: AstNode; readonly else_: AstNode | null; readonly lineno: number },
    frame: Frame,
  ): void {
    const inner = frame.soft();
    const condition = this.collect(() => this.condition(node.cond, inner));
    const otherwise = node.else_ === null ? 'rt.nothing' : this.code(node.else_, inner);
    this._emit(`(${condition} ? ${this.code(node.body, inner)} : ${otherwise})`);
  }

  public compileCompare(
    node: { readonly expr: AstNode; readonly ops: readonly { readonly expr: AstNode; readonly type: string }[] },
    frame: Frame,
  ): void {
    let left = this.code(node.expr, frame);
    const parts = node.ops.map((operand, index) => {
      const isLast = index === node.ops.length - 1;
      const isMembership = operand.type === 'in' || operand.type === 'not in';
      let right = this.operand(operand.expr, isMembership, frame);
      const next = isLast ? '' : this.temporary();
      if (!isLast) right = `(${next} = ${right})`;
      // Membership asks the container on the right, but the left operand is computed first.
      const code = isMembership
        ? `${operand.type === 'in' ? '' : '!'}rt.isIn(${left}, ${right})`
        : `${compareFunctions[operand.type]}(${left}, ${right})`;
      left = next;
      return code;
    });
    this._emit(parts.length === 1 ? parts[0] : `(${parts.join(' && ')})`);
  }

  /** A list of literals on the right of `in` is made once. */
  private operand(node: AstNode, isMembership: boolean, frame: Frame): string {
    if (
      isMembership &&
      node instanceof nodes.Array &&
      !(node instanceof TupleLiteral) &&
      node.children.every((child) => child instanceof nodes.Literal)
    ) {
      return this.constant(this.code(node, frame));
    }
    return this.code(node, frame);
  }

  private binary(node: BinaryNode & AstNode, frame: Frame): void {
    this._emit(`${binaryFunctions[node.typename]}(${this.code(node.left, frame)}, ${this.code(node.right, frame)})`);
  }

  public compileAdd(node: BinaryNode, frame: Frame): void {
    this.binary(node, frame);
  }
  public compileSub(node: BinaryNode, frame: Frame): void {
    this.binary(node, frame);
  }
  public compileMul(node: BinaryNode, frame: Frame): void {
    this.binary(node, frame);
  }
  public compileDiv(node: BinaryNode, frame: Frame): void {
    this.binary(node, frame);
  }
  public compileFloorDiv(node: BinaryNode, frame: Frame): void {
    this.binary(node, frame);
  }
  public compileMod(node: BinaryNode, frame: Frame): void {
    this.binary(node, frame);
  }
  public compilePow(node: BinaryNode, frame: Frame): void {
    this.binary(node, frame);
  }

  public compileAnd(node: AstNode & BinaryNode, frame: Frame): void {
    const side = decided(node);
    if (side !== node) return this.expression(side, frame);
    const left = this.temporary();
    this._emit(`(truthy(${left} = ${this.code(node.left, frame)}) ? ${this.code(node.right, frame)} : ${left})`);
  }

  public compileOr(node: AstNode & BinaryNode, frame: Frame): void {
    const side = decided(node);
    if (side !== node) return this.expression(side, frame);
    const left = this.temporary();
    this._emit(`(truthy(${left} = ${this.code(node.left, frame)}) ? ${left} : ${this.code(node.right, frame)})`);
  }

  public compileNot(node: UnaryNode, frame: Frame): void {
    this._emit('!');
    this.condition(node.target, frame);
  }

  public compileNeg(node: UnaryNode, frame: Frame): void {
    this._emit(`negate(${this.code(node.target, frame)})`);
  }

  public compilePos(node: UnaryNode, frame: Frame): void {
    this._emit(`positive(${this.code(node.target, frame)})`);
  }

  public compileAttribute(node: Attribute, frame: Frame): void {
    this._emit(`rt.attribute(${this.code(node.object, frame)}, ${JSON.stringify(node.name)})`);
  }

  public compileLookupVal(node: { readonly target: AstNode; readonly val: AstNode }, frame: Frame): void {
    const object = this.code(node.target, frame);
    if (node.val instanceof Slice) {
      const bound = (limit: AstNode | null): string => (limit === null ? 'null' : this.code(limit, frame));
      this._emit(`slice(${object}, ${bound(node.val.start)}, ${bound(node.val.stop)}, ${bound(node.val.step)})`);
    } else this._emit(`rt.item(${object}, ${this.code(node.val, frame)})`);
  }

  public compileSlice(node: Slice): void {
    this.unsupported('a slice inside a list of subscripts is not supported', node, 'use one slice per pair of brackets');
  }

  public compileCall(node: Call, frame: Frame): void {
    this.call(node, frame, null);
  }

  private call(node: Call, frame: Frame, caller: string | null): void {
    const isFar = node.lineno !== this.lastLine;
    if (isFar) this._emit(`(line = ${node.lineno + 1}, `);
    const { callee, args } = node;
    const isPlain = args.keywords.length === 0 && args.rest === null && args.restKeywords === null && caller === null;
    if (callee instanceof Attribute) {
      const object = this.code(callee.object, frame);
      if (callee.name === 'get' && isPlain && (args.positional.length === 1 || args.positional.length === 2)) {
        this._emit(`rt.get(${[object, ...args.positional.map((argument) => this.code(argument, frame))].join(', ')})`);
      } else this._emit(`rt.callMethod(${object}, ${JSON.stringify(callee.name)}, ${this.argumentList(args, frame, caller)})`);
    } else this._emit(`rt.call(${this.code(callee, frame)}, ${this.argumentList(args, frame, caller)})`);
    if (isFar) {
      this._emit(')');
      this.forgetLine();
    }
  }

  private argumentList(args: Arguments, frame: Frame, caller: string | null): string {
    const positional = args.positional.map((argument) => this.code(argument, frame));
    if (args.rest !== null) positional.push(`...iterate(${this.code(args.rest, frame)})`);
    const pairs = args.keywords.map((keyword: Keyword) => `[${JSON.stringify(keyword.name)}, ${this.code(keyword.value, frame)}]`);
    if (caller !== null) pairs.push(`["caller", ${caller}]`);
    if (pairs.length === 0 && args.restKeywords === null) return `[${positional.join(', ')}]`;
    const more = args.restKeywords === null ? '' : `, ${this.code(args.restKeywords, frame)}`;
    return `[${positional.join(', ')}], rt.named([${pairs.join(', ')}]${more})`;
  }

  public compileFilterCall(node: FilterCall, frame: Frame): void {
    if (node.value === null) throw new Error('a filter without a value is compiled with its block');
    this.filterCall(node, this.code(node.value, frame), frame);
  }

  private filterCall(node: FilterCall, value: string, frame: Frame): void {
    // In a chain of filters the innermost stands for the captured text.
    const subject =
      node.value instanceof FilterCall && containsHole(node)
        ? this.collect(() => this.filterCall(node.value as FilterCall, value, frame))
        : value;
    if (!filters.has(node.name) && node.name !== 'safe' && !frame.conditional)
      this.fail(`there is no filter named '${node.name}'`, node.lineno);
    this._emit(`rt.filterValue(${JSON.stringify(node.name)}, ${subject}, ${this.argumentList(node.args, frame, null)})`);
  }

  public compileTestCall(node: TestCall, frame: Frame): void {
    if (!tests.has(node.name) && !frame.conditional) this.fail(`there is no test named '${node.name}'`, node.lineno);
    this._emit(`rt.testValue(${JSON.stringify(node.name)}, ${this.code(node.value, frame)}, ${this.argumentList(node.args, frame, null)})`);
  }
}

/** True when the chain of filters ends at the text of its block. */
function containsHole(node: FilterCall): boolean {
  if (node.value === null) return true;
  return node.value instanceof FilterCall && containsHole(node.value);
}

/** Whether an expression has the same value in every rendering. */
function isConstant(node: AstNode): boolean {
  if (node instanceof nodes.Literal) return true;
  if (node instanceof Name || node instanceof Call || node instanceof Attribute || node instanceof NamespaceTarget) return false;
  let constant = true;
  forEachChild(node, (child) => {
    constant &&= isConstant(child);
  });
  return constant;
}

/** The side that a literal on the left decides for: Jinja2 never looks at the other one. */
function decided(node: AstNode): AstNode {
  if (!(node instanceof nodes.And || node instanceof nodes.Or)) return node;
  const left = decided(node.left);
  return left instanceof nodes.Literal && truthy(left.value) === node instanceof nodes.Or ? left : node;
}

/** Nodes whose code gives true or false, nothing else. */
function isBoolean(node: AstNode): boolean {
  return node instanceof nodes.Compare || node instanceof nodes.Not || node instanceof TestCall;
}

/** The same target, read instead of assigned. */
function asLoaded(target: AstNode): AstNode {
  if (target instanceof TupleLiteral) return new TupleLiteral(target.lineno, 0, target.children.map(asLoaded));
  return new Name(target.lineno, (target as Name).value);
}

/** JavaScript source of a string. */
function text(value: string): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

/** The key, when an expression is simply a look-up of it: for error messages. */
function contextKey(node: AstNode): string | undefined {
  if (node instanceof Call && node.callee instanceof Attribute && node.callee.name === 'get') {
    const [key] = node.args.positional;
    if (node.callee.object instanceof Name && node.callee.object.value === 'context' && key instanceof nodes.Literal)
      return literalText(key);
  }
  if (node instanceof nodes.LookupVal) {
    const { target, val } = node as { target: AstNode; val: AstNode };
    if (target instanceof Name && target.value === 'context' && val instanceof nodes.Literal) return literalText(val);
  }
  return undefined;
}

function literalText(node: AstNode): string | undefined {
  const { value } = node as unknown as { value: unknown };
  return typeof value === 'string' ? value : undefined;
}
