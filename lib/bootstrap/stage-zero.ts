import { ConstructError } from '../construct-error';
import { DEPLOY_TIME_VALUES_MARK, deployTimeValueLine } from '../values/deploy-time-values';
import type { BootPlan } from './boot-plan';
import type { BootstrapTemplates } from './bootstrap-templates';
import type { StageZero } from './bootstrap-user-data';
import type { BootstrapBundle, RenderedBundle } from './bundle';
import type { NodeContext } from './node-context';

/**
 * Renders stage 0, with a gap where the deploy-time values go.
 *
 * @internal
 */
export function renderStageZero(plan: BootPlan, templates: BootstrapTemplates, context: NodeContext, sha256: string): StageZero {
  const result = templates._render(
    plan.userData,
    { ...context.values, '/bootstrap/DeployTimeValues': DEPLOY_TIME_VALUES_MARK, '/bootstrap/BundleSha256': sha256 },
    `${context.fingerprint}${sha256}`,
  );
  const pieces = result.text.split(DEPLOY_TIME_VALUES_MARK);
  if (pieces.length !== 2) {
    throw new ConstructError(
      'DeployTimeValues',
      `expected ${plan.userData} to write {{ context.get("/bootstrap/DeployTimeValues") | safe }} once, got ${pieces.length - 1} times`,
    );
  }
  const parts = result.parts.map(({ template, bytes }) =>
    template === plan.userData ? { template, bytes: bytes - DEPLOY_TIME_VALUES_MARK.length } : { template, bytes },
  );
  return { before: pieces[0], after: pieces[1], parts };
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
    const value = context.deployTimeValues.get(name) ?? context.downloadValues.get(name);
    if (value !== undefined && name !== 'VALUE_CONFIGURATION_REGION') {
      lines.push(deployTimeValueLine(name, value));
    }
  }
  return lines;
}
