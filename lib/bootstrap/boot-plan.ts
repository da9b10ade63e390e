import { NodeOsFamily } from '../nodes/node-os-props';
import { NodeType } from '../nodes/node-type';
import type { BootstrapTemplates } from './bootstrap-templates';

/**
 * One file of the bundle.
 *
 * @internal
 */
export interface BundleFile {
  /** Template it is rendered from. */
  readonly template: string;
  /** Path in the bundle. */
  readonly path: string;
  /** Name of the phase that it is; absent for the runner, and for what is started through SSM. */
  readonly phase?: string;
  /** The phase's install, which runs before it. */
  readonly install?: { readonly template: string; readonly path: string };
  /** What has to hold in the last boot, after all phases, for the node to be ready. */
  readonly check?: { readonly template: string; readonly path: string };
  /** Seconds after which a step of the phase is ended and the bootstrap has failed, without what it waits for. */
  readonly timeoutSeconds?: number;
  /** What the phase waits for: that time is added to its own. */
  readonly waitsFor?: { readonly fileSystems: boolean; readonly stacks: boolean };
}

/**
 * What runs on a node, in order.
 *
 * @internal
 */
export interface BootPlan {
  /** Template of stage 0. */
  readonly userData: string;
  readonly files: readonly BundleFile[];
}

/**
 * What decides on parts of a plan.
 *
 * @internal
 */
export interface PlanOptions {
  /** Whether the node hands out a password that it has made. */
  readonly connects: boolean;
  /** Whether the node installs what drives its hardware. */
  readonly installsHardware: boolean;
  /** Whether it gets programs of AWS. */
  readonly installsAgents: boolean;
  /** Whether it sends metrics of its GPUs by itself. */
  readonly measuresGpus: boolean;
}

// Long enough for a slow mirror, short enough that a node that hangs is known within the hour.
const SETUP_SECONDS = 1800;
const POST_REBOOT_SECONDS = 1800;
const VIRTUAL_DESKTOP_SECONDS = 2700;
const LOGIN_NODE_SECONDS = 600;
const CUSTOMIZATION_SECONDS = 1800;

/**
 * The way through a boot, by system and node type.
 *
 * @internal
 */
export function bootPlan(
  family: NodeOsFamily,
  nodeType: NodeType,
  templates: BootstrapTemplates,
  { connects, installsHardware, installsAgents, measuresGpus }: PlanOptions,
): BootPlan {
  const linux = family === NodeOsFamily.LINUX;
  const folder = linux ? 'compute_node/' : 'windows_virtual_desktop/';
  const source = linux ? 'sh.j2' : 'ps.j2';
  const target = linux ? 'sh' : 'ps1';
  const phase = (name: string, file: string, timeoutSeconds: number): BundleFile => {
    const template = `${folder}${file}.${source}`;
    // Of the second phase it is for hardware alone, and of the first one on Windows for agents, but for that of a team.
    const isForNothing = (name === 'setup_post_reboot' && !installsHardware) || (name === 'setup' && !linux && !installsAgents);
    const isNeeded = !isForNothing || templates._isOverlaid(template);
    const install = isNeeded ? templates._templateBeside(template, 'install') : undefined;
    const check = templates._templateBeside(template, 'check');
    return {
      template,
      path: `${file}.${target}`,
      phase: name,
      install: install === undefined ? undefined : { template: install, path: `${file}.install.${target}` },
      check: check === undefined ? undefined : { template: check, path: `${file}.check.${target}` },
      timeoutSeconds,
      waitsFor: { fileSystems: linux && name !== 'setup_user_customization', stacks: name === 'setup' },
    };
  };
  const extra: BundleFile[] = [];
  if (nodeType === NodeType.DCV_NODE) {
    extra.push(phase('virtual_desktop', 'extra/virtual_desktop', VIRTUAL_DESKTOP_SECONDS));
  } else if (nodeType === NodeType.LOGIN_NODE) {
    extra.push(phase('login_node', 'extra/login_node', LOGIN_NODE_SECONDS));
  }
  return {
    userData: linux ? 'user_data/linux/user_data.sh.j2' : 'user_data/windows/user_data.ps.j2',
    files: [
      { template: linux ? 'templates/linux/runner.sh.j2' : 'templates/windows/runner.ps.j2', path: `runner.${target}` },
      // What stage 0 hands over to, what the runner starts each step with, and what it schedules for every boot.
      ...(linux
        ? []
        : [
            { template: 'templates/windows/start.ps.j2', path: 'start.ps1' },
            { template: 'templates/windows/step.ps.j2', path: 'step.ps1' },
            { template: `${folder}metadata_guard.${source}`, path: `metadata_guard.${target}` },
          ]),
      ...(measuresGpus ? [{ template: `${folder}gpu_metrics.${source}`, path: `gpu_metrics.${target}` }] : []),
      // What the maker of an image calls last.
      { template: `${folder}seal.${source}`, path: `seal.${target}` },
      ...(connects ? [{ template: `${folder}connect.${source}`, path: `connect.${target}` }] : []),
      phase('setup', 'setup', SETUP_SECONDS),
      phase('setup_post_reboot', 'setup_post_reboot', POST_REBOOT_SECONDS),
      ...extra,
      phase('setup_user_customization', 'setup_user_customization', CUSTOMIZATION_SECONDS),
    ],
  };
}
