import { ConstructError } from '../construct-error';
import type { TemplatePart } from '../templates/renderer';
import { VariableReference } from '../templates/value-kinds';
import { DEPLOY_TIME_VALUES_MARK, deployTimeValueLine } from '../values/deploy-time-values';
import type { BootPlan } from './boot-plan';
import type { BootstrapTemplates } from './bootstrap-templates';
import type { BootstrapBundle, RenderedBundle } from './bundle';
import { DOWNLOAD_SETTINGS } from './download-settings';
import type { NodeContext } from './node-context';

/**
 * Stands for the commands that users add while stage 0 is rendered: they may come as long as the app runs.
 *
 * @internal
 */
export const ADDED_COMMANDS_MARK = '@@added-commands@@';

/**
 * Stage 0 as it was rendered, with marks where deploy-time values and added commands go.
 *
 * @internal
 */
export interface StageZero {
  readonly text: string;
  /** Bytes by template, without the marks. */
  readonly parts: readonly TemplatePart[];
}

/**
 * Renders stage 0 for a bundle. Without added commands nothing in it speaks of them.
 *
 * @throws when a team's own template does not write both values, or not from its first line on
 * @internal
 */
export function renderStageZero(
  plan: BootPlan,
  templates: BootstrapTemplates,
  context: NodeContext,
  sha256: string,
  withCommands: boolean,
): StageZero {
  const marks: { [key: string]: string } = { '/bootstrap/DeployTimeValues': DEPLOY_TIME_VALUES_MARK };
  if (withCommands) {
    marks['/bootstrap/AddedCommands'] = ADDED_COMMANDS_MARK;
  }
  const { text, parts } = templates._render(
    plan.userData,
    { ...context.values, '/bootstrap/AddedCommands': null, ...marks, '/bootstrap/BundleSha256': sha256 },
    `${context.fingerprint}${sha256}${withCommands}`,
  );
  for (const [key, mark] of Object.entries(marks)) {
    const times = text.split(mark).length - 1;
    if (times !== 1) {
      throw new ConstructError(
        'IncompleteStageZero',
        `expected ${plan.userData} to write {{ context.get("${key}") | safe }} once, got ${times} times`,
      );
    }
  }
  if (plan.userData.endsWith('.sh.j2') && /^\s/.test(text)) {
    throw new ConstructError(
      'IncompleteStageZero',
      `expected ${plan.userData} to begin with #!, got a blank or an empty line before it, with which the system cannot run it; end what stands there with -%} or -#}, or move it down`,
    );
  }
  const marked = Object.values(marks).join('').length;
  return {
    text,
    parts: parts.map(({ template, bytes }) => ({ template, bytes: template === plan.userData ? bytes - marked : bytes })),
  };
}

/**
 * Lines of the values file: what stage 0 and the scripts of a node read, no more.
 *
 * @internal
 */
export function valueLines(context: NodeContext, rendered: RenderedBundle, bundle: BootstrapBundle): string[] {
  const lines = [...bundle._valueLines];
  const names = rendered.references.map((reference) => reference.variable).sort();
  for (const name of names) {
    const value = valueOf(context, name);
    if (value !== undefined && name !== 'VALUE_CONFIGURATION_REGION') {
      lines.push(deployTimeValueLine(name, value));
    }
  }
  return lines;
}

/**
 * Lines of the values file that installs read where an image is made.
 *
 * @internal
 */
export function downloadValueLines(context: NodeContext): string[] {
  const names = DOWNLOAD_SETTINGS.map((key) => new VariableReference(key, 'download').variable);
  return names.map((name) => deployTimeValueLine(name, valueOf(context, name) ?? ''));
}

function valueOf({ deployTimeValues, downloadValues }: NodeContext, name: string): string | undefined {
  return deployTimeValues.get(name) ?? downloadValues.get(name);
}
