import type { ValueRule } from './value-rule';

/**
 * Users of services that need the credentials of the node or its metadata, each with what for. They may reach the instance
 * metadata service where they exist; whoever owns a desktop cannot have such a name.
 *
 * @internal
 */
export const METADATA_SERVICE_USERS: { readonly [name: string]: string } = {
  /** The licence of the DCV server: https://docs.aws.amazon.com/dcv/latest/adminguide/setting-up-license.html */
  dcv: 'licence of Amazon DCV',
  /** What looks for the keys of a login: https://github.com/aws/aws-ec2-instance-connect-config */
  'ec2-instance-connect': 'EC2 Instance Connect',
  /** The CloudWatch agent, where it does not run as root: https://github.com/aws/amazon-cloudwatch-agent, packaging/ */
  cwagent: 'CloudWatch agent',
  /** The same for OpenTelemetry: https://github.com/aws-observability/aws-otel-collector, tools/packaging/ */
  aoc: 'AWS Distro for OpenTelemetry',
};

/**
 * A user that a team names besides. Not who is meant by nobody in particular: files of other machines and users of other
 * namespaces have that id.
 *
 * @internal
 */
export const METADATA_USER: ValueRule = {
  pattern: '([a-zA-Z_]|[0-9]+[a-zA-Z_.-])[a-zA-Z0-9_.-]*',
  maxLength: 32,
  reserved: 'root|nobody|nogroup|nfsnobody',
  description:
    'a local user of 1 to 32 letters, digits, underscores, dots and hyphens, beginning with a letter, a digit or an underscore, not digits alone, and neither root, who always reaches it, nor nobody',
};
