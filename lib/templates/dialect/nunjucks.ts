/* eslint-disable @typescript-eslint/no-require-imports -- nunjucks has no types for its inner modules; they are given here, once */

/** A node of nunjucks' syntax tree. Which fields it has depends on its kind; lines are counted from 0. */
export interface Node extends Readonly<
  Record<'name' | 'args' | 'key' | 'target' | 'val' | 'left' | 'right' | 'expr' | 'arr' | 'template', Node>
> {
  readonly typename: string;
  readonly lineno: number;
  readonly children: Node[];
  readonly targets: Node[];
  value: unknown;
  ignoreMissing?: boolean;
  cond: Node;
  body: Node;
  else_: Node | null;
}

export interface Token {
  readonly type: string;
  readonly value: string;
  readonly lineno: number;
}

/** nunjucks' tokenizer: its state, and what reads the inside of a tag. */
export interface BaseLexer {
  readonly str: string;
  readonly len: number;
  index: number;
  lineno: number;
  in_code: boolean;
  nextToken(): Token | null;
  forward(): void;
  isFinished(): boolean;
}

/** nunjucks' recursive descent parser: what is called of it. */
export interface BaseParser {
  readonly tokens: BaseLexer;
  readonly breakOnBlocks: readonly string[] | null;
  nextToken(): Token;
  peekToken(): Token;
  parseAsRoot(): Node;
  parseUntilBlocks(...names: string[]): Node;
  parseStatement(): Node | null;
  parseExpression(): Node;
  parseOr(): Node;
  parseAdd(): Node;
  parseMul(): Node;
  parsePrimary(noPostfix?: boolean): Node;
}

/** nunjucks' code generator: the dispatch on the kind of node, and the code buffer. */
export interface BaseCompiler {
  codebuf: string[];
  compile(node: Node): void;
  getCode(): string;
  _emit(code: string): void;
  _emitLine(code: string): void;
  _tmpid(): string;
  _compileChildren(node: Node): void;
}

interface NodeClass {
  new (lineno: number, colno: number, ...fields: unknown[]): Node;
  extend(name: string, properties?: { readonly fields: readonly string[] }): NodeClass;
}

export const nodes = require('nunjucks/src/nodes') as Readonly<Record<string, NodeClass>>;
const lexer = require('nunjucks/src/lexer') as { lex(source: string): BaseLexer };
export const BaseLexer = lexer.lex('').constructor as new (source: string) => BaseLexer;
export const { Parser: BaseParser } = require('nunjucks/src/parser') as { readonly Parser: new (tokens: BaseLexer) => BaseParser };
export const { Compiler: BaseCompiler } = require('nunjucks/src/compiler') as {
  readonly Compiler: new (templateName: string, throwOnUndefined: boolean) => BaseCompiler;
};

// Nodes that nunjucks does not have.
const own = (name: string, ...fields: string[]) => nodes.Node.extend(name, { fields });
export const TupleNode = nodes.Array.extend('Tuple');
/** `a ~ b ~ c`: one node, because a chain of thousands must not nest. */
export const Join = nodes.Array.extend('Join');
export const With = own('With', 'targets', 'value', 'body');
export const Do = own('Do', 'expr');
/** `a.b`; LookupVal is `a["b"]`. */
export const Attribute = own('Attribute', 'target', 'value');
export const Slice = own('Slice', 'target', 'left', 'right');
/** Two values, and the operator between. */
export const Comparison = own('Comparison', 'left', 'value', 'right');
