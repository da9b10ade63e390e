/* eslint-disable @typescript-eslint/no-require-imports -- nunjucks has no types for its inner modules; they are given here, once */

/**
 * The parts of nunjucks that the dialect builds on. Everything else here works with these types.
 *
 * @internal
 */
export interface AstNode {
  readonly lineno: number;
  readonly colno: number;
  readonly typename: string;
  readonly fields: readonly string[];
}

export interface Token {
  readonly type: string;
  readonly value: string;
  /** Counted from 0, as everywhere in nunjucks. */
  readonly lineno: number;
  readonly colno: number;
}

/** What the parser needs of a lexer. */
export interface Tokenizer {
  readonly tags: {
    readonly VARIABLE_START: string;
    readonly VARIABLE_END: string;
    readonly COMMENT_START: string;
    readonly COMMENT_END: string;
  };
  nextToken(): Token | null;
}

type NodeClass<Fields, Arguments extends unknown[]> = new (lineno: number, colno: number, ...rest: Arguments) => AstNode & Fields;
interface Children {
  readonly children: AstNode[];
}
interface Binary {
  readonly left: AstNode;
  readonly right: AstNode;
}
interface Unary {
  readonly target: AstNode;
}
type ListClass = NodeClass<Children, [children?: AstNode[]]>;
type BinaryClass = NodeClass<Binary, [left: AstNode, right: AstNode]>;
type UnaryClass = NodeClass<Unary, [target: AstNode]>;

/** The classes of nunjucks' syntax tree that mean the same in Jinja2. */
export interface NodeClasses {
  readonly Node: NodeClass<object, unknown[]>;
  readonly NodeList: ListClass;
  readonly Root: ListClass;
  readonly Array: ListClass;
  readonly Dict: ListClass;
  readonly Output: ListClass;
  readonly Literal: NodeClass<{ readonly value: unknown }, [value: unknown]>;
  readonly TemplateData: NodeClass<{ readonly value: string }, [value: string]>;
  readonly Symbol: NodeClass<{ readonly value: string }, [name: string]>;
  readonly Pair: NodeClass<{ readonly key: AstNode; readonly value: AstNode }, [key: AstNode, value: AstNode]>;
  readonly LookupVal: NodeClass<{ readonly target: AstNode; readonly val: AstNode }, [target: AstNode, val: AstNode]>;
  readonly InlineIf: NodeClass<
    { readonly cond: AstNode; readonly body: AstNode; readonly else_: AstNode | null },
    [cond: AstNode, body: AstNode, otherwise: AstNode | null]
  >;
  readonly Extends: NodeClass<{ readonly template: AstNode }, [template: AstNode]>;
  readonly Compare: NodeClass<
    { readonly expr: AstNode; readonly ops: readonly CompareOperand[] },
    [first: AstNode, rest: CompareOperand[]]
  >;
  readonly CompareOperand: NodeClass<{ readonly expr: AstNode; readonly type: string }, [operand: AstNode, operator: string]>;
  readonly Or: BinaryClass;
  readonly And: BinaryClass;
  readonly Add: BinaryClass;
  readonly Sub: BinaryClass;
  readonly Mul: BinaryClass;
  readonly Div: BinaryClass;
  readonly FloorDiv: BinaryClass;
  readonly Mod: BinaryClass;
  readonly Pow: BinaryClass;
  readonly Not: UnaryClass;
  readonly Neg: UnaryClass;
  readonly Pos: UnaryClass;
}
export type CompareOperand = AstNode & { readonly expr: AstNode; readonly type: string };
export type NodeList = AstNode & Children;
export type BinaryNode = AstNode & Binary;
export type UnaryNode = AstNode & Unary;

/** nunjucks' recursive descent parser: what the Jinja2 parser uses of it. */
export interface BaseParser {
  readonly tokens: Tokenizer;
  breakOnBlocks: readonly string[] | null;
  nextToken(): Token | null;
  peekToken(): Token | null;
  pushToken(token: Token | null): void;
  fail(message: string, lineno?: number, colno?: number): never;
  skip(type: string): boolean;
  skipValue(type: string, value: string): boolean;
  skipSymbol(name: string): boolean;
  parseOr(): AstNode;
  parseAnd(): AstNode;
  parseNot(): AstNode;
  parse(): NodeList;
  parseAsRoot(): NodeList;
}

/** nunjucks' code generator: the dispatch on the kind of node and the code buffer. */
export interface BaseCompiler {
  readonly templateName: string;
  buffer: string | null;
  compile(node: AstNode, frame?: unknown): void;
  fail(message: string, lineno?: number, colno?: number): never;
  getCode(): string;
  _emit(code: string): void;
  _emitLine(code: string): void;
  _tmpid(): string;
}

export interface BaseTemplate {
  readonly path: string;
  readonly tmplStr: string;
  compile(): void;
}

export interface BaseEnvironment {
  filters: Record<string, unknown>;
  tests: Record<string, unknown>;
  globals: Record<string, unknown>;
  getFilter(name: string): unknown;
  getTest(name: string): unknown;
}

export const nodes = require('nunjucks/src/nodes') as NodeClasses;
export const lexer = require('nunjucks/src/lexer') as { readonly [constant: `TOKEN_${string}`]: string };
export const { Parser } = require('nunjucks/src/parser') as { readonly Parser: new (tokens: Tokenizer) => BaseParser };
export const { Compiler } = require('nunjucks/src/compiler') as {
  readonly Compiler: new (templateName: string, throwOnUndefined: boolean) => BaseCompiler;
};
export const { Environment, Template } = require('nunjucks/src/environment') as {
  readonly Environment: new (loaders: readonly unknown[], options: { readonly autoescape: boolean }) => BaseEnvironment;
  readonly Template: new (source: string, environment: BaseEnvironment, path: string, eagerCompile: boolean) => BaseTemplate;
};
