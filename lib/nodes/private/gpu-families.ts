import { Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';

/** First and last release of a driver that a GPU takes; without one there is no bound. */
interface Releases {
  readonly from?: string;
  readonly to?: string;
}

/**
 * The GPU of a family of instance types.
 *
 * @internal
 */
export interface GpuFamily {
  readonly vendor: 'nvidia' | 'amd';
  /** As the vendor calls it. */
  readonly model: string;
  /** Branches of NVIDIA's driver that drive it, by their major version; the pinned one has to be among them. */
  readonly branches?: Releases;
  /** Whether NVIDIA's open kernel modules drive it: Turing and later. They alone drive Blackwell. */
  readonly open?: boolean;
  /** Releases of NVIDIA's GRID driver for it; absent where AWS names none. */
  readonly grid?: Releases;
  /** Whether an instance has a part of a GPU, which the GRID driver alone drives. */
  readonly fractional?: boolean;
  /** Whether GRID runs on it without the firmware of its system processor, which takes NVIDIA's own kernel modules. */
  readonly gridWithoutFirmware?: boolean;
}

/**
 * What is known of each family with a GPU. Sources:
 *
 * - families, models and releases of GRID: "Install NVIDIA GRID drivers" and "Instance type specifications, accelerated
 *   computing" of the Amazon EC2 documentation; GRID without firmware on G4dn, G5 and G5g likewise
 * - branches and open modules: supported-gpus.json of NVIDIA's drivers 580 and 595, as tabled in
 *   "Dynamic NVIDIA Driver Version Selection" of the ECS images for Amazon Linux 2023 (September 2026): Maxwell and Volta
 *   end with 580, G7 begins with 595
 * - G2 and P2 end with 470: Scale-Out Computing on AWS 26.4.0, which gives them that branch
 *
 * @internal
 */
export const GPU_FAMILIES: { readonly [family: string]: GpuFamily } = {
  g2: { vendor: 'nvidia', model: 'GRID K520', branches: { to: '470' } },
  g3: { vendor: 'nvidia', model: 'Tesla M60', branches: { to: '580' }, grid: { to: '16' } },
  g3s: { vendor: 'nvidia', model: 'Tesla M60', branches: { to: '580' }, grid: { to: '16' } },
  g4ad: { vendor: 'amd', model: 'Radeon Pro V520' },
  g4dn: { vendor: 'nvidia', model: 'T4', open: true, grid: {}, gridWithoutFirmware: true },
  g5: { vendor: 'nvidia', model: 'A10G', open: true, grid: { from: '13.1' }, gridWithoutFirmware: true },
  g5g: { vendor: 'nvidia', model: 'T4G', open: true },
  g6: { vendor: 'nvidia', model: 'L4', open: true, grid: { from: '17.1' } },
  gr6: { vendor: 'nvidia', model: 'L4', open: true, grid: { from: '17.1' } },
  g6f: { vendor: 'nvidia', model: 'L4', fractional: true, grid: { from: '18.4', to: '19' } },
  gr6f: { vendor: 'nvidia', model: 'L4', fractional: true, grid: { from: '18.4', to: '19' } },
  g6e: { vendor: 'nvidia', model: 'L40S', open: true, grid: { from: '17.4' } },
  g7: { vendor: 'nvidia', model: 'RTX PRO 4500 Blackwell Server Edition', branches: { from: '595' }, open: true },
  g7e: { vendor: 'nvidia', model: 'RTX PRO 6000 Blackwell Server Edition', open: true, grid: { from: '19.1' } },
  p2: { vendor: 'nvidia', model: 'K80', branches: { to: '470' } },
  p3: { vendor: 'nvidia', model: 'V100', branches: { to: '580' } },
  p3dn: { vendor: 'nvidia', model: 'V100', branches: { to: '580' } },
  p4d: { vendor: 'nvidia', model: 'A100', open: true },
  p4de: { vendor: 'nvidia', model: 'A100', open: true },
  p5: { vendor: 'nvidia', model: 'H100', open: true },
  p5e: { vendor: 'nvidia', model: 'H200', open: true },
  p5en: { vendor: 'nvidia', model: 'H200', open: true },
  'p6-b200': { vendor: 'nvidia', model: 'B200', open: true },
  'p6-b300': { vendor: 'nvidia', model: 'B300', branches: { from: '580' }, open: true },
  'p6e-gb200': { vendor: 'nvidia', model: 'GB200', open: true },
};

/**
 * The family of an instance type, such as `g4dn` of `g4dn.xlarge`; undefined for a token.
 *
 * @internal
 */
export function familyOf(type: ec2.InstanceType | undefined): string | undefined {
  const text = String(type);
  return type === undefined || Token.isUnresolved(text) ? undefined : text.split('.')[0];
}

/**
 * What is wrong with a release, if it is beyond the bounds of a GPU; a bound of fewer numbers is one for all that begin with it.
 *
 * @internal
 */
export function releaseProblem(release: string, { from, to }: Releases = {}): string | undefined {
  if (from !== undefined && compared(release, from) < 0) return `${from} or later`;
  if (to !== undefined && compared(release, to) > 0) return `${to} or earlier`;
  return undefined;
}

/** By as many numbers as the bound has. */
function compared(release: string, bound: string): number {
  const numbers = release.split('.').map(Number);
  const difference = bound
    .split('.')
    .map(Number)
    .map((number, place) => (numbers[place] ?? 0) - number);
  return difference.find((part) => part !== 0) ?? 0;
}
