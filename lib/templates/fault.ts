import { VariableReference } from './value-kinds';

/**
 * Something that went wrong while a template ran, before it is known where: the compiled template adds its name and line
 * and makes a TemplateError of it.
 *
 * @internal
 */
export class TemplateFault extends Error {
  public constructor(
    public readonly code: string,
    public readonly problem: string,
    public readonly remedy: string,
    public readonly key?: string,
  ) {
    super(problem);
    this.name = 'TemplateFault';
  }
}

/** Something that is wrong in the text of a template, at a line counted from 0. */
export class SyntaxFault extends TemplateFault {
  public constructor(
    public readonly lineno: number,
    problem: string,
    remedy: string,
    code = 'TemplateSyntax',
  ) {
    super(code, problem, remedy);
  }
}

/** What an error of JavaScript itself means for a template: the stack is used up, or a text would be too long. */
export function asFault(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error;
  if (error.message !== 'Maximum call stack size exceeded') return valueFault(error.message, 'use smaller values');
  return new TemplateFault(
    'TooDeep',
    'templates, macros or values are nested too deeply',
    'look for a template that includes itself, or a macro that calls itself, without an end',
  );
}

/** An operation that Python refuses for these types; Jinja2 stops here as well. */
export function typeFault(problem: string, remedy = 'Jinja2 stops here as well: check the types of the values'): TemplateFault {
  return new TemplateFault('TypeMismatch', problem, remedy);
}

/** A value that Python refuses (an index out of range, a division by zero ...); Jinja2 stops here as well. */
export function valueFault(problem: string, remedy = 'Jinja2 stops here as well: check the value'): TemplateFault {
  return new TemplateFault('InvalidValue', problem, remedy);
}

/** Something Jinja2 can do and this renderer cannot: always an error, never a different result. */
export function unsupportedFault(problem: string, remedy: string): TemplateFault {
  return new TemplateFault('NotSupported', problem, remedy);
}

/** A construct that is not on the list, found when the template is compiled. */
export function notInDialect(lineno: number, construct: string, remedy: string): SyntaxFault {
  return new SyntaxFault(lineno, `${construct} is not part of the dialect`, remedy, 'NotSupported');
}

/** A deploy-time or launch-time value at a place where its text would have to be known while the template is rendered. */
export function referenceFault(reference: VariableReference, use: string): TemplateFault {
  const known = {
    'deploy-time': 'when CloudFormation deploys the stack',
    'launch-time': 'when the node is launched',
    download: 'on the node',
  }[reference.kind];
  return new TemplateFault(
    'ValueNotKnownYet',
    `a ${reference.kind} value is known only ${known}, so it cannot be used ${use}`,
    'print it with {{ }} and let the script decide on the node, or give the key a value that is known at synth',
    reference.key,
  );
}

/** A secret at a place that would write it, or something derived from it, into the script. */
export function secretFault(key: string, use: string): TemplateFault {
  return new TemplateFault(
    'SecretValue',
    `a secret cannot be used ${use}`,
    'print its .arn and fetch the value on the node (get_secret in bash, Get-NodeSecret in PowerShell)',
    key,
  );
}
