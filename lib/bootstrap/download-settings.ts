import { SecretReference, VariableReference } from '../templates/value-kinds';
import { TemplateError, TemplateLocation } from '../templates/template-error';

/**
 * What a download needs, and so all that an install may read besides values that are known at synth. An install reads
 * them as variables even where they are known, so that another mirror or proxy does not make it another install.
 *
 * @internal
 */
export const DOWNLOAD_SETTINGS: readonly string[] = [
  '/configuration/Region',
  '/configuration/HttpProxy',
  '/configuration/HttpsProxy',
  '/configuration/NoProxy',
  '/system/dcv/url',
  '/system/dcv/runtime_url',
  '/system/ssm/agent_url',
  '/system/gpu/url',
  '/system/efa/url',
  '/system/aws_cli_url',
  '/system/cloudwatch_agent_url',
  '/system/efs_utils_url',
];

/**
 * The values of a node as its installs see them.
 *
 * @internal
 */
export function installValues(values: { readonly [key: string]: unknown }): { [key: string]: unknown } {
  const installed: { [key: string]: unknown } = { ...values };
  for (const [key, value] of Object.entries(values)) {
    if (value instanceof SecretReference) {
      // An ARN that is known would be written like any text.
      installed[key] = new SecretReference(key, new VariableReference(key, 'deploy-time'));
    }
  }
  DOWNLOAD_SETTINGS.forEach((key) => (installed[key] = new VariableReference(key, 'download')));
  return installed;
}

/**
 * The error about a value that an install cannot have.
 *
 * @internal
 */
export function valueInInstall({ template, line }: TemplateLocation, key: string): TemplateError {
  return new TemplateError({
    code: 'ValueInInstall',
    template,
    line,
    key,
    problem:
      'expected values that are known at synth and download settings in an install, got one that belongs to a cluster, desktop or owner',
    remedy: `move it to the configure step; download settings are ${DOWNLOAD_SETTINGS.join(', ')}`,
  });
}

/**
 * What went wrong while an install was rendered, in words that fit an install.
 *
 * @internal
 */
export function installError(error: unknown): unknown {
  if (!(error instanceof TemplateError) || error.code !== 'ValueNotKnownYet' || error.key === undefined) {
    return error;
  }
  if (!DOWNLOAD_SETTINGS.includes(error.key)) {
    return valueInInstall(error, error.key);
  }
  return new TemplateError({
    code: error.code,
    template: error.template,
    line: error.line,
    key: error.key,
    problem:
      'a download setting is a variable in an install, and empty where it is not set, so it cannot be decided on while the template is rendered',
    remedy: 'test the variable in the script, as in [[ -n "{{ .. }}" ]]',
  });
}
