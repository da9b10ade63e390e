import * as path from 'path';
import { CONTEXT_KEYS } from '../../../lib/values/context-keys';
import type { DcvOptions } from '../../../lib/nodes/dcv-options';
import { NodeOs } from '../../../lib/nodes/node-os';
import { NodeOsFamily } from '../../../lib/nodes/node-os-props';
import { installValues } from '../../../lib/bootstrap/download-settings';
import { dcvSettings } from '../../../lib/nodes/private/dcv-settings';
import { efaValues } from '../../../lib/nodes/private/efa';
import { gpuValues, type NodeGpu } from '../../../lib/nodes/private/gpu-checks';
import { GpuDriver } from '../../../lib/nodes/gpu-driver';
import { awsCliFile } from '../../../lib/nodes/private/agent-files';
import { metadataValues } from '../../../lib/nodes/private/metadata-guard';
import type { NodeType } from '../../../lib/nodes/node-type';
import { TemplateRenderer } from '../../../lib/templates/renderer';
import { SecretReference, VariableReference } from '../../../lib/templates/value-kinds';
import { launchTimeRules, launchTimeValuesOf } from '../../../lib/values/launch-time-values';
import type { Machine, Outcome } from './machine';

const ASSETS = path.join(__dirname, '..', '..', '..', 'assets');

export type NodeTypeName = 'dcv_node' | 'login_node' | 'compute_node';
export type ArchitectureName = 'x86_64' | 'arm64';
export type PhaseName = 'setup' | 'setup_post_reboot' | 'virtual_desktop' | 'login_node' | 'setup_user_customization';

export const LINUX_SYSTEMS = NodeOs.all().filter((os) => os.family === NodeOsFamily.LINUX);
export const NODE_TYPES: readonly NodeTypeName[] = ['dcv_node', 'login_node', 'compute_node'];

const ENTRY_TEMPLATES: { readonly [phase in PhaseName]: string } = {
  setup: 'compute_node/setup.sh.j2',
  setup_post_reboot: 'compute_node/setup_post_reboot.sh.j2',
  virtual_desktop: 'compute_node/extra/virtual_desktop.sh.j2',
  login_node: 'compute_node/extra/login_node.sh.j2',
  setup_user_customization: 'compute_node/setup_user_customization.sh.j2',
};

export interface Node {
  readonly os?: NodeOs;
  readonly architecture?: ArchitectureName;
  readonly nodeType?: NodeTypeName;
  readonly dcv?: DcvOptions;
  readonly gpu?: NodeGpu;
  readonly efa?: boolean;
  /** Context that differs from the plain node of `contextOf`. */
  readonly context?: { readonly [key: string]: unknown };
}

/** A shared file system as a template sees it; its host name is known at deployment only. */
export function fileSystem(name: string, properties: { readonly [property: string]: unknown } = {}): { [property: string]: unknown } {
  return {
    name,
    provider: 'efs',
    mount_path: `/${name}`,
    mount_target: new VariableReference(`/configuration/FileSystems/${name}/mount_target`, 'deploy-time'),
    export_path: '/',
    mount_options: '',
    on_failure: 'fail',
    timeout_seconds: 60,
    ...properties,
  };
}

export const HOST_KEYS_SECRET = new SecretReference(
  '/login/HostKeysSecret',
  new VariableReference('/login/HostKeysSecret', 'deploy-time', 'VALUE_LOGIN_HOST_KEYS_SECRET'),
);

export function phasesOf(nodeType: NodeTypeName): PhaseName[] {
  const extra: PhaseName[] = nodeType === 'dcv_node' ? ['virtual_desktop'] : nodeType === 'login_node' ? ['login_node'] : [];
  return ['setup', 'setup_post_reboot', ...extra, 'setup_user_customization'];
}

function contextOf({ os = NodeOs.AMAZON_LINUX_2023, architecture = 'x86_64', nodeType = 'dcv_node', dcv, gpu, efa, context = {} }: Node): {
  [key: string]: unknown;
} {
  const launchTimeValues = launchTimeValuesOf(nodeType as NodeType);
  return {
    '/configuration/ClusterId': 'physics',
    '/configuration/Region': new VariableReference('/configuration/Region', 'deploy-time'),
    '/configuration/Timezone': 'Europe/Rome',
    '/configuration/HttpProxy': null,
    '/configuration/HttpsProxy': null,
    '/configuration/NoProxy': null,
    '/configuration/FileSystems': [],
    '/configuration/AppsPath': null,
    '/configuration/LogGroup': null,
    '/system/metrics_namespace': null,
    '/configuration/WaitForStacks': [],
    '/configuration/WaitForStacksTimeoutSeconds': 300,
    '/configuration/UserDirectory/provider': 'none',
    '/job/BaseOS': os.name,
    '/job/NodeType': nodeType,
    '/job/Architecture': architecture,
    '/job/Packages': [],
    ...Object.fromEntries(launchTimeValues.map(({ key }) => [key, new VariableReference(key, 'launch-time')])),
    ...launchTimeRules(nodeType as NodeType, 'linux'),
    '/bootstrap/LaunchTimeValues': launchTimeValues,
    '/system/os/family': os.family,
    '/system/os/distribution': os.distribution,
    '/system/os/version': os.version,
    '/system/os/package_manager': os.packageManager,
    '/system/os/default_user': os.defaultUser,
    ...metadataValues({ metadataUsers: ['svc-backup'] }),
    ...gpuValues(gpu ?? { driver: GpuDriver.ofImage(), isChosen: false, withoutFirmware: false }, os),
    ...efaValues({ efa }),
    '/system/aws_cli': awsCliFile({ os }, architecture),
    '/system/aws_cli_url': null,
    '/system/cloudwatch_agent': null,
    '/system/cloudwatch_agent_url': null,
    '/system/efs_utils': null,
    '/system/efs_utils_url': null,
    ...(nodeType === 'dcv_node'
      ? {
          '/dcv/SessionType': 'virtual',
          '/dcv/DesktopEnvironment': 'gnome',
          '/dcv/ConsoleLogin': 'automatic',
          '/dcv/LockOnDisconnect': false,
          '/dcv/OpenKeyring': true,
          '/dcv/LoginMethod': 'generated_password',
          '/dcv/FixedOwner': null,
          '/dcv/OwnerUid': null,
          '/system/ssm/agent': null,
          '/system/ssm/agent_url': null,
          '/system/dcv/family': os.dcvFamily,
          '/system/dcv/version': '2025.0-20103',
          '/system/dcv/url': 'https://dcv.example.com/dcv.tgz',
          '/system/dcv/sha256': '0'.repeat(64),
          '/system/dcv/idle_timeout': 1440,
          ...dcvSettings(os, dcv),
          '/system/dcv/port': 8443,
          '/system/dcv/ready_seconds': 420,
          '/system/dcv/stable_seconds': 15,
        }
      : {}),
    ...(nodeType === 'login_node' ? { '/login/HostKeysSecret': null } : {}),
    ...context,
  };
}

const RENDERER = new TemplateRenderer({
  searchPaths: [path.join(ASSETS, 'cluster_node_bootstrap'), ASSETS],
  declaredKeys: Object.keys(CONTEXT_KEYS),
});

export const AWS_CLIENT = RENDERER.render('templates/linux/aws_client.py.j2', {}).text;

/** The install of a phase as it lies on the node; undefined when the phase has none. */
export function renderInstall(phase: PhaseName, node: Node): string | undefined {
  // As in the plan of a boot.
  if (phase === 'setup_post_reboot' && node.gpu?.driver._isInstalled !== true && node.efa !== true) return undefined;
  const name = ENTRY_TEMPLATES[phase].replace('.sh.j2', '.install.sh.j2');
  return RENDERER.has(name) ? `${RENDERER.render(name, installValues(contextOf(node))).text.replace(/\n$/, '')}\n` : undefined;
}

/** The check of a phase as it lies on the node; undefined when the phase has none. */
export function renderCheck(phase: PhaseName, node: Node): string | undefined {
  const name = ENTRY_TEMPLATES[phase].replace('.sh.j2', '.check.sh.j2');
  return RENDERER.has(name) ? `${RENDERER.render(name, contextOf(node)).text.replace(/\n$/, '')}\n` : undefined;
}

/** Runs both steps of a phase, as the runner does when no image has the install. */
export async function runPhase(machine: Machine, phase: PhaseName, node: Node): Promise<Outcome> {
  const install = renderInstall(phase, node);
  if (install === undefined) return machine.run(renderPhase(phase, node));
  const before = await machine.run(install);
  if (before.status !== 0 || before.reason !== '') return before;
  const outcome = await machine.run(renderPhase(phase, node));
  const rebootRequest = before.rebootRequest || outcome.rebootRequest;
  return { ...outcome, rebootRequest, log: before.log + outcome.log, calls: [...before.calls, ...outcome.calls] };
}

/** The script of a phase as it lies on the node. */
export function renderPhase(phase: PhaseName, node: Node): string {
  return `${RENDERER.render(ENTRY_TEMPLATES[phase], contextOf(node)).text.replace(/\n$/, '')}\n`;
}

/** What SSM runs on a desktop, as it lies on the node. */
export function renderConnect(node: Node): string {
  return `${RENDERER.render('compute_node/connect.sh.j2', contextOf(node)).text.replace(/\n$/, '')}\n`;
}
