import * as path from 'path';
import { installValues } from '../../../lib/bootstrap/download-settings';
import { DcvAccess } from '../../../lib/nodes/dcv-options';
import { NodeOs } from '../../../lib/nodes/node-os';
import { NodeType } from '../../../lib/nodes/node-type';
import { dcvSettings } from '../../../lib/nodes/private/dcv-settings';
import { TemplateRenderer } from '../../../lib/templates/renderer';
import { SecretReference, VariableReference } from '../../../lib/templates/value-kinds';
import { launchTimeRules, launchTimeValuesOf } from '../../../lib/values/launch-time-values';

const ASSETS = path.join(__dirname, '..', '..', '..', 'assets');

/** Template of each script, by the name it has on the node. */
const WINDOWS_SCRIPTS: { readonly [name: string]: string } = {
  'user_data.ps1': 'user_data/windows/user_data.ps.j2',
  'start.ps1': 'templates/windows/start.ps.j2',
  'step.ps1': 'templates/windows/step.ps.j2',
  'runner.ps1': 'templates/windows/runner.ps.j2',
  'connect.ps1': 'windows_virtual_desktop/connect.ps.j2',
  'metadata_guard.ps1': 'windows_virtual_desktop/metadata_guard.ps.j2',
  'seal.ps1': 'windows_virtual_desktop/seal.ps.j2',
  'gpu_metrics.ps1': 'windows_virtual_desktop/gpu_metrics.ps.j2',
  'setup.install.ps1': 'windows_virtual_desktop/setup.install.ps.j2',
  'setup.ps1': 'windows_virtual_desktop/setup.ps.j2',
  'setup_post_reboot.install.ps1': 'windows_virtual_desktop/setup_post_reboot.install.ps.j2',
  'setup_post_reboot.ps1': 'windows_virtual_desktop/setup_post_reboot.ps.j2',
  'extra/virtual_desktop.install.ps1': 'windows_virtual_desktop/extra/virtual_desktop.install.ps.j2',
  'extra/virtual_desktop.ps1': 'windows_virtual_desktop/extra/virtual_desktop.ps.j2',
  'extra/virtual_desktop.check.ps1': 'windows_virtual_desktop/extra/virtual_desktop.check.ps.j2',
  'setup_user_customization.ps1': 'windows_virtual_desktop/setup_user_customization.ps.j2',
};

const PHASES = [
  { name: 'setup', script: 'setup.ps1', install: null, check: null, timeout_seconds: 1801 },
  { name: 'setup_post_reboot', script: 'setup_post_reboot.ps1', install: null, check: null, timeout_seconds: 1802 },
  {
    name: 'virtual_desktop',
    script: 'extra/virtual_desktop.ps1',
    install: 'extra/virtual_desktop.install.ps1',
    check: 'extra/virtual_desktop.check.ps1',
    timeout_seconds: 2703,
  },
  { name: 'setup_user_customization', script: 'setup_user_customization.ps1', install: null, check: null, timeout_seconds: 1804 },
];

const LAUNCH_TIME_VALUES = launchTimeValuesOf(NodeType.DCV_NODE);

/** Context of a Windows desktop, as the constructs give it; `values` take the place of its own. */
function windowsContext(values: { readonly [key: string]: unknown } = {}): { [key: string]: unknown } {
  return {
    '/configuration/ClusterId': 'design',
    '/configuration/Region': new VariableReference('/configuration/Region', 'deploy-time'),
    '/configuration/Timezone': 'UTC',
    '/system/windows_time_zone': 'UTC',
    '/configuration/HttpProxy': null,
    '/configuration/HttpsProxy': null,
    '/configuration/NoProxy': null,
    '/configuration/FileSystems': [],
    '/configuration/AppsPath': null,
    '/configuration/WaitForStacks': [],
    '/configuration/WaitForStacksTimeoutSeconds': 600,
    '/configuration/UserDirectory/provider': 'none',
    '/job/BaseOS': 'windows2022',
    '/job/NodeType': 'dcv_node',
    '/job/Architecture': 'x86_64',
    '/job/Packages': [],
    '/job/JobProject': new VariableReference('/job/JobProject', 'launch-time'),
    '/system/os/family': 'windows',
    '/system/os/distribution': 'windows',
    '/system/os/version': '2022',
    '/system/os/package_manager': 'none',
    '/system/os/default_user': 'Administrator',
    '/dcv/SessionOwner': new VariableReference('/dcv/SessionOwner', 'launch-time'),
    '/dcv/SessionName': new VariableReference('/dcv/SessionName', 'launch-time'),
    '/dcv/SessionId': new VariableReference('/dcv/SessionId', 'launch-time'),
    ...launchTimeRules(NodeType.DCV_NODE, 'windows'),
    '/dcv/SessionType': 'console',
    '/system/metadata/guard': true,
    '/system/metadata/users': [],
    '/dcv/LoginMethod': 'generated_password',
    '/dcv/OwnerPasswordSecret': null,
    '/dcv/FixedOwner': null,
    '/dcv/ConsoleLogin': 'greeter',
    '/dcv/LockOnDisconnect': true,
    '/dcv/OwnerIsAdministrator': false,
    ...dcvSettings(NodeOs.WINDOWS_2022),
    '/system/ssm/agent': null,
    '/system/ssm/agent_url': null,
    '/system/dcv/family': 'windows',
    '/system/dcv/version': '2025.0-20103',
    '/system/dcv/url': 'https://example.com/2025.0/Servers/nice-dcv-server-x64-Release-2025.0-20103.msi',
    '/system/dcv/sha256': '5'.repeat(64),
    '/system/dcv/runtime_url': 'https://example.com/vc_redist.x64.exe',
    '/system/dcv/runtime_signers': ['Microsoft Corporation'],
    '/system/dcv/idle_timeout': 1441,
    '/system/dcv/ready_seconds': 421,
    '/system/dcv/stable_seconds': 14,
    '/system/gpu/driver': 'image',
    '/system/dcv/port': 8443,
    '/login/HostKeysSecret': null,
    '/configuration/LogGroup': null,
    '/system/hostname': null,
    '/system/aws_cli': {
      version: '2.36.7',
      default_url: 'https://awscli.example.com/AWSCLIV2-2.36.7.msi',
      sha256: '6'.repeat(64),
      required: false,
    },
    '/system/aws_cli_url': null,
    '/system/cloudwatch_agent': null,
    '/system/cloudwatch_agent_url': null,
    '/system/metrics_namespace': 'CWAgent',
    '/system/gpu/version': '596.86',
    '/system/gpu/url': 's3://drivers/nvidia.exe?region=us-east-1',
    '/system/gpu/sha256': '8'.repeat(64),
    '/bootstrap/LaunchTimeValues': LAUNCH_TIME_VALUES,
    '/bootstrap/Phases': PHASES,
    '/bootstrap/IsImageTest': false,
    '/bootstrap/MaxReboots': 5,
    '/bootstrap/DeadlineSeconds': 7205,
    '/system/restart_wait_seconds': 601,
    '/system/interruption_wait_seconds': 121,
    '/bootstrap/SignalWith': 'identity_document',
    '/bootstrap/DeployTimeValues': 'VALUE_CONFIGURATION_REGION=ZXUtd2VzdC0x',
    '/bootstrap/AddedCommands': null,
    '/bootstrap/BundleSha256': '7'.repeat(64),
    ...values,
  };
}

/** Contexts that between them take every branch of the templates. */
export const WINDOWS_CONTEXTS: { readonly [name: string]: { readonly [key: string]: unknown } } = {
  windows2019: { '/job/BaseOS': 'windows2019', '/system/os/version': '2019' },
  windows2022: {},
  windows2025: { '/job/BaseOS': 'windows2025', '/system/os/version': '2025' },
  'windows2022 behind a proxy': {
    '/configuration/HttpProxy': 'http://proxy.example.com:3128',
    '/configuration/HttpsProxy': 'http://proxy.example.com:3129',
    '/configuration/NoProxy': '.internal.example.com, 10.0.0.1',
  },
  'windows2022 with an http proxy only': { '/configuration/HttpProxy': 'http://proxy.example.com:3128' },
  'windows2022 with an owner password, stacks, packages and a file system': {
    '/dcv/LoginMethod': 'secret',
    '/dcv/FixedOwner': 'alice',
    '/dcv/OwnerPasswordSecret': new SecretReference(
      '/dcv/OwnerPasswordSecret',
      new VariableReference('/dcv/OwnerPasswordSecret', 'deploy-time'),
    ),
    '/configuration/WaitForStacks': ['network', new VariableReference('/configuration/WaitForStacks/1', 'deploy-time')],
    '/configuration/FileSystems': [{ name: 'apps', provider: 'efs' }],
    '/job/Packages': ['7zip'],
    '/configuration/Timezone': 'Europe/Paris',
  },
  'windows2022 with a directory': { '/configuration/UserDirectory/provider': 'activedirectory', '/dcv/LoginMethod': 'unmanaged' },
  'windows2022 that signs its signals': { '/bootstrap/SignalWith': 'role' },
  'windows2022 that anybody may set a password on, without guard': { '/dcv/LoginMethod': 'unmanaged', '/system/metadata/guard': false },
  'windows2022 with all that DCV can do': {
    ...dcvSettings(NodeOs.WINDOWS_2022, {
      permissions: { screenshot: false, usb: true, printer: true },
      collaborators: [
        { user: 'trainer', access: DcvAccess.VIEW },
        { user: 'eve', access: DcvAccess.CONTROL, unsupervised: true },
      ],
      quic: false,
      maxConcurrentClients: 3,
      webClientMaxResolution: { width: 2560, height: 1440 },
    }),
    '/dcv/CertificateSecret': new SecretReference('/dcv/CertificateSecret', new VariableReference('/dcv/CertificateSecret', 'deploy-time')),
    '/dcv/ConsoleLogin': 'automatic',
    '/dcv/LockOnDisconnect': false,
    '/dcv/OwnerIsAdministrator': true,
    '/system/gpu/driver': 'nvidia_grid',
  },
  'windows2022 without file transfer, that logs its owner on with a secret': {
    ...dcvSettings(NodeOs.WINDOWS_2022, { permissions: { fileDownload: false, fileUpload: false } }),
    '/dcv/ConsoleLogin': 'automatic',
    '/dcv/LoginMethod': 'secret',
    '/dcv/FixedOwner': 'alice',
    '/dcv/OwnerPasswordSecret': new SecretReference(
      '/dcv/OwnerPasswordSecret',
      new VariableReference('/dcv/OwnerPasswordSecret', 'deploy-time'),
    ),
  },
  'windows2022 with agents, a log group and a name, behind a proxy': {
    '/configuration/HttpProxy': 'http://proxy.example.com:3128',
    '/configuration/HttpsProxy': 'http://proxy.example.com:3129',
    '/configuration/LogGroup': new VariableReference('/configuration/LogGroup', 'deploy-time'),
    '/system/hostname': 'cad-1',
    '/system/gpu/driver': 'nvidia_grid',
    '/system/aws_cli': {
      version: '2.99.1',
      default_url: 'https://awscli.example.com/a.msi',
      sha256: null,
      signers: ['A, Inc.', 'B'],
      required: true,
    },
    '/system/cloudwatch_agent': {
      version: 'latest',
      default_url: 'https://agent-{region}.s3.{region}.{domain}/agent.msi',
      sha256: null,
      signers: ['Amazon Web Services, Inc.'],
    },
  },
  'windows2022 with an agent of its own, a GPU of AMD and no AWS CLI': {
    '/configuration/LogGroup': 'nodes',
    '/system/aws_cli': null,
    '/system/cloudwatch_agent': { version: '1.300064.0b1337', default_url: '', sha256: '9'.repeat(64) },
    '/system/gpu/driver': 'amd',
    '/system/gpu/url': 'https://example.com/amd.zip',
  },
  'windows2022 with the driver of its image': { '/system/metrics_namespace': null, '/system/gpu/driver': 'image', '/system/aws_cli': null },
  'windows2022 compute node': { '/job/NodeType': 'compute_node' },
};

/** Every script of a node, rendered. */
export function renderWindows(values: { readonly [key: string]: unknown } = {}): { [name: string]: string } {
  const renderer = new TemplateRenderer({ searchPaths: [path.join(ASSETS, 'cluster_node_bootstrap'), ASSETS] });
  const context = windowsContext(values);
  return Object.fromEntries(
    // Metrics are sent where the script is in the bundle.
    Object.entries(WINDOWS_SCRIPTS)
      .filter(([name]) => name !== 'gpu_metrics.ps1' || context['/system/metrics_namespace'] !== null)
      .map(([name, template]) => {
        const known = name.endsWith('.install.ps1') ? installValues(context) : context;
        return [name, renderer.render(template, known).text];
      }),
  );
}
