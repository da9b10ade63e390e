import { Check } from './check';
import type { Family, Kind, NodeInput } from './app/node-under-test';
import type { Lab } from './lab';
import type { DiskKind } from './machine/disk';
import type { Observation } from './observation';
import type { World } from './services/world';

/** Which machines a scenario runs on: image family and kind of node. */
export interface Variant {
  readonly family: Family;
  readonly kind: Kind;
  /** The image has a real gdm, Xorg and GNOME, and the DCV server's stand-in starts real sessions. */
  readonly realDesktop?: true;
}

/** One scenario: an input, what happens, and an expectation. Each lives in `scenarios/<name>/scenario.ts`. */
export interface Scenario {
  /** One line, for `--list`. */
  readonly summary: string;
  /** Without it, all four. */
  readonly runsOn?: readonly Variant[];
  /** Variants that belong to the smoke set. */
  readonly smoke?: readonly Variant[];
  readonly region?: string;
  readonly partition?: World['partition'];
  /** What differs from a plain node. A folder `overlay` beside the scenario is laid over the library's templates. */
  readonly input?: NodeInput;
  /**
   * The node that `lab.bake()` makes the image for, or that `lab.update()` deploys, where it differs from a plain node. A folder `overlay-of-image` beside
   * the scenario is laid over the library's templates for it.
   */
  readonly image?: NodeInput;
  /** What differs from a plain world at the start. `downloads` is the folder with what vendors have, by host. */
  readonly world?: (world: World, variant: Variant, downloads: string) => Partial<World>;
  /** The node installs what drives its hardware: its second phase has an install. */
  readonly installsHardware?: true;
  readonly disk?: DiskKind;
  /** What the node must say at the end: one signal and one tag. `silent`: nobody can be told. */
  readonly verdict: 'ready' | 'failed' | 'silent';
  /** Seconds from power-on to the verdict. */
  readonly withinSeconds?: number;
  /** It waits for most of its time, and needs no lane of its own. */
  readonly waits?: true;
  /** Invariants that this scenario sets aside, with the reason. */
  readonly exempt?: Readonly<Partial<Record<InvariantName, string>>>;
  /** What happens to the machine; without it, one run to the end, reboots included. */
  readonly play?: (lab: Lab) => Promise<void>;
  readonly expect: (seen: Observation, check: Check, variant: Variant) => void | Promise<void>;
}

export type InvariantName =
  | 'one true verdict'
  | 'ready only after every phase'
  | 'phases in order'
  | 'no secret exposed'
  | 'metadata version 2 only'
  | 'one token a boot'
  | 'no call twice'
  | 'no refused call'
  | 'known hosts only'
  | 'verdict in time'
  | 'clean boot'
  | 'nothing left behind'
  | 'nobody but root reaches the role'
  | 'checks of downloads stay on';

/** What a node says of an install that its image does not have. */
export const STALE = 'the image was made by another definition, version or architecture: its install runs now';

/** What does not hold where the instance of an image speaks after that which the image was made from. */
export const TWO_INSTANCES = {
  'one true verdict': 'two instances speak here',
  'verdict in time': 'two instances speak here',
  'phases in order': 'the phases run twice',
  'ready only after every phase': 'the first instance is ready before the phases of the second',
} as const;

/** Why the role can be reached by others. */
export const NOT_YET_GUARDED = 'the node fails before it can set the rule, when nobody but the default user of the image can log in';

export function scenario(definition: Scenario): Scenario {
  return definition;
}

export const RPM_DESKTOP: Variant = { family: 'rpm', kind: 'desktop' };
export const DEB_DESKTOP: Variant = { family: 'deb', kind: 'desktop' };
export const RPM_LOGIN: Variant = { family: 'rpm', kind: 'login' };
export const DEB_LOGIN: Variant = { family: 'deb', kind: 'login' };
/** Debian's desktop, dressed as Ubuntu. */
export const DESKTOP_MACHINE: Variant = { family: 'deb', kind: 'desktop', realDesktop: true };
export const ALL_VARIANTS: readonly Variant[] = [RPM_DESKTOP, DEB_DESKTOP, RPM_LOGIN, DEB_LOGIN];

/** The instance of an image that was made from the lab's own. */
export const SECOND_INSTANCE = 'i-0fedcba9876543210';

export function variantName(variant: Variant): string {
  return variant.realDesktop === true ? 'real-desktop' : `${variant.family}-${variant.kind}`;
}

/** The phases of a node, in order. */
export function phasesOf(variant: Variant): readonly string[] {
  return ['setup', 'setup_post_reboot', variant.kind === 'desktop' ? 'virtual_desktop' : 'login_node', 'setup_user_customization'];
}

/** The same with the installs, each before its phase. */
export function stepsOf(variant: Variant, installsHardware = false): readonly string[] {
  return phasesOf(variant).flatMap((phase) =>
    ['setup', 'virtual_desktop', 'login_node', ...(installsHardware ? ['setup_post_reboot'] : [])].includes(phase)
      ? [`${phase}.install`, phase]
      : [phase],
  );
}
