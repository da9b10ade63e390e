import { Segment } from '../../../../lib/templates/escaping/segments';
import { TemplateError } from '../../../../lib/templates/template-error';
import { VariableReference } from '../../../../lib/templates/value-kinds';

/** A launch-time value, as tests insert it. */
export const OWNER = new VariableReference('/dcv/SessionOwner', 'launch-time');

/** The segments of a script in which each `@@` stands for the next of the values. */
export function segmentsOf(script: string, ...values: readonly (string | number | boolean | VariableReference)[]): Segment[] {
  const texts = script.split('@@');
  if (texts.length !== values.length + 1) {
    throw new Error(`${values.length} values for ${texts.length - 1} places`);
  }
  return texts.flatMap((text, index): Segment[] => [
    { kind: 'text', text },
    ...(index < values.length
      ? [{ kind: 'value', value: values[index], template: 'setup.j2', line: index + 1, key: `/key/${index + 1}` } as const]
      : []),
  ]);
}

/** The TemplateError that `action` throws. */
export function templateErrorOf(action: () => unknown): TemplateError {
  try {
    action();
  } catch (error) {
    if (error instanceof TemplateError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was thrown');
}
