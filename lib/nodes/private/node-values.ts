import { Aws, type Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { type BootPlan, type BundleFile } from '../../bootstrap/boot-plan';
import { type NodeContext, nodeContext } from '../../bootstrap/node-context';
import type { ICluster } from '../../cluster/cluster';
import type { DownloadSource } from '../../cluster/download-source';
import { SecretReference } from '../../templates/value-kinds';
import { launchTimeRules, launchTimeValuesOf } from '../../values/launch-time-values';
import { windowsTimeZone } from '../../values/windows-time-zones';
import type { DcvOptions } from '../dcv-options';
import type { LoginMethod } from '../login-method';
import { type ClusterNodeProps, SignalAuthentication } from '../node-options';
import type { NodeOs } from '../node-os';
import type { NodeType } from '../node-type';
import { efsUtilsFile, fileOf, type NodeAgents, ssmAgentFile } from './agent-files';
import { dcvServer } from './dcv-packages';
import { dcvSettings } from './dcv-settings';
import { efaValues } from './efa';
import { gpuValues, type NodeGpu } from './gpu-checks';
import { metricsNamespace } from './gpu-metrics';
import type { DesktopChoices } from './desktop-checks';
import { logGroupOf } from './log-group';
import { metadataValues } from './metadata-guard';
import { platformValues } from './platform';

/**
 * What a virtual desktop has besides a node's own settings.
 *
 * @internal
 */
export interface DesktopSettings {
  readonly sessionType: string;
  readonly port: number;
  readonly idleTimeoutMinutes: number;
  readonly loginMethod: LoginMethod;
  /** Owner of every desktop of the node, where there is but one. */
  readonly fixedOwner?: string;
  readonly ownerUid?: number;
  readonly dcv?: DcvOptions;
  readonly choices: DesktopChoices;
  readonly dcvSource?: DownloadSource;
  readonly ownerIsAdministrator: boolean;
}

/**
 * What a login node has besides a node's own settings.
 *
 * @internal
 */
export interface LoginSettings {
  readonly hostKeysSecretArn?: string;
  /** Tags of the Auto Scaling group, by which its nodes may find it, and no other. */
  readonly groupTags: { readonly [key: string]: string };
}

/**
 * What was settled about a node before its scripts are rendered.
 *
 * @internal
 */
export interface NodeSettings {
  readonly architecture: ec2.InstanceArchitecture;
  readonly bootstrapSeconds: number;
  readonly plan: BootPlan;
  readonly gpu: NodeGpu;
  readonly agents: NodeAgents;
  readonly stack: Stack;
}

type Values = { [key: string]: unknown };

/**
 * Every value of a node by its context key. Later ones take the place of earlier ones: what the library sets, what the
 * cluster configures, what the node's properties say, what the node configures.
 *
 * @internal
 */
export function nodeValues(props: ClusterNodeProps, settings: NodeSettings): Values {
  const { cluster, os } = props;
  // Not one literal with all of them spread: of so many keys V8 takes forty times as long for it.
  const values: Values = {};
  Object.assign(
    values,
    // From a cluster of another language's class jsii drops the keys that have no value.
    Object.fromEntries(['HttpProxy', 'HttpsProxy', 'NoProxy', 'AppsPath'].map((key) => [`/configuration/${key}`, null])),
    cluster.configuration,
    {
      '/configuration/Region': Aws.REGION,
      '/job/BaseOS': os.name,
      '/job/NodeType': props.nodeType,
      '/job/Architecture': settings.architecture,
      '/job/Packages': props.packages ?? [],
      '/system/os/family': os.family,
      '/system/os/distribution': os.distribution,
      '/system/os/version': os.version,
      '/system/os/package_manager': os.packageManager,
      '/system/os/default_user': os.defaultUser,
    },
    metadataValues(props),
    platformValues(props.platform),
    gpuValues(settings.gpu, os),
    efaValues(props),
    {
      '/configuration/LogGroup': logGroupOf(props)?.logGroupName ?? null,
      '/system/aws_cli': settings.agents.awsCli,
      '/system/aws_cli_url': props.awsCli?._file?.url ?? null,
      '/system/cloudwatch_agent': settings.agents.cloudWatchAgent,
      '/system/cloudwatch_agent_url': props.cloudWatchAgent?._file?.url ?? null,
      '/system/metrics_namespace': metricsNamespace(props),
      '/system/efs_utils': efsUtilsFile(props),
      '/system/efs_utils_url': props.efsUtils?.url ?? null,
      '/login/HostKeysSecret': secret('/login/HostKeysSecret', props._login?.hostKeysSecretArn),
      '/dcv/OwnerPasswordSecret': null,
    },
    bootstrapValues(props, settings),
    props._desktop === undefined ? {} : desktopValues(props._desktop, os, settings, cluster),
    props.configuration,
  );
  values['/system/windows_time_zone'] ??= windowsTimeZone(String(values['/configuration/Timezone']));
  return values;
}

/**
 * The values as the templates of the node see them.
 *
 * @internal
 */
export function contextOf(values: Values, nodeType: NodeType, scope: IConstruct): NodeContext {
  return nodeContext(values, launchTimeValuesOf(nodeType), scope);
}

function bootstrapValues(props: ClusterNodeProps, { plan, bootstrapSeconds }: NodeSettings): Values {
  return {
    ...launchTimeRules(props.nodeType, props.os.family),
    '/bootstrap/LaunchTimeValues': launchTimeValuesOf(props.nodeType),
    '/bootstrap/Phases': plan.files
      .filter((file) => file.phase !== undefined)
      .map((file) => ({
        name: file.phase,
        script: file.path,
        install: file.install?.path,
        check: file.check?.path,
        timeout_seconds: phaseSeconds(file, props.cluster, bootstrapSeconds),
      })),
    '/bootstrap/IsImageTest': false,
    '/bootstrap/MaxReboots': props.maxReboots ?? 5,
    '/bootstrap/DeadlineSeconds': bootstrapSeconds,
    '/system/restart_wait_seconds': 600,
    '/system/interruption_wait_seconds': 120,
    '/bootstrap/SignalWith': props.signalWith ?? SignalAuthentication.IDENTITY_DOCUMENT,
  };
}

function desktopValues(desktop: DesktopSettings, os: NodeOs, { architecture, stack }: NodeSettings, cluster: ICluster): Values {
  const { _ssmAgent: agent, _ssmAgentKey: key, _isGenerated: connects } = desktop.loginMethod;
  return {
    ...dcvServer(os.dcvFamily, architecture, (url) => desktop.dcvSource?._address(url, stack) ?? url),
    '/system/dcv/idle_timeout': desktop.idleTimeoutMinutes,
    ...dcvSettings(os, desktop.dcv),
    '/system/dcv/port': desktop.port,
    '/system/dcv/ready_seconds': 420,
    '/system/dcv/stable_seconds': 15,
    '/dcv/SessionType': desktop.sessionType,
    '/dcv/DesktopEnvironment': desktop.choices.environment,
    '/dcv/ConsoleLogin': desktop.choices.consoleLogin,
    '/dcv/LockOnDisconnect': desktop.choices.lockOnDisconnect,
    '/dcv/OpenKeyring': desktop.choices.openKeyring,
    '/dcv/LoginMethod': desktop.loginMethod.name,
    '/dcv/OwnerPasswordSecret': secret('/dcv/OwnerPasswordSecret', desktop.loginMethod._secret?.secretArn),
    '/dcv/FixedOwner': desktop.fixedOwner,
    '/dcv/OwnerUid': desktop.ownerUid ?? null,
    '/dcv/OwnerIsAdministrator': desktop.ownerIsAdministrator,
    '/system/ssm/agent': agent !== undefined ? fileOf(agent) : connects ? ssmAgentFile(os, architecture, key) : null,
    '/system/ssm/agent_url': agent?.url ?? null,
    // What a cluster configures for all its desktops comes before what the system brings.
    ...Object.fromEntries(Object.entries(cluster.configuration).filter(([key]) => /^\/(system\/)?dcv\//.test(key))),
  };
}

/** A phase has its own time and that of what it waits for, within the time of the whole bootstrap. */
function phaseSeconds(file: BundleFile, cluster: ICluster, bootstrapSeconds: number): number {
  const fileSystems = file.waitsFor?.fileSystems === true ? cluster.fileSystems.map((fileSystem) => fileSystem._timeoutSeconds) : [];
  const stacks = file.waitsFor?.stacks === true && cluster.waitForStacks.length > 0 ? [cluster.waitForStacksTimeout.toSeconds()] : [];
  const seconds = [file.timeoutSeconds ?? 0, ...fileSystems, ...stacks].reduce((sum, part) => sum + part, 0);
  return Math.min(seconds, bootstrapSeconds);
}

function secret(key: string, arn: string | undefined): SecretReference | null {
  return arn === undefined ? null : new SecretReference(key, arn);
}
