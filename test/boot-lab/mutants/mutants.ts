import type { Mutant } from './mutant';
import { CLIENT_MUTANTS } from './aws-client';
import { BOOT_TIME_MUTANTS } from './boot-time';
import { DCV_MUTANTS } from './dcv';
import { GPU_MUTANTS } from './gpu';
import { IMAGE_TEST_MUTANTS } from './image-test';
import { DESKTOP_MUTANTS } from './desktop';
import { INSTALL_MUTANTS } from './installs';
import { GUARD_MUTANTS } from './metadata-guard';
import { PASSWORD_MUTANTS } from './owner-password';
import { PHASE_MUTANTS } from './phases';
import { PLATFORM_MUTANTS } from './platform';
import { REAL_DESKTOP_MUTANTS } from './real-desktop';
import { RUNNER_MUTANTS } from './runner';
import { SEAL_MUTANTS } from './seal';
import { SESSION_MUTANTS } from './session';
import { STAGE_ZERO_MUTANTS } from './stage-zero';
import { WINDOWS_SEAL_MUTANTS } from './windows-seal';
import { WINDOWS_MUTANTS } from './windows';

/** Faults put into the scripts, each of which a scenario has to notice. */
export const MUTANTS: readonly Mutant[] = [
  ...STAGE_ZERO_MUTANTS,
  ...RUNNER_MUTANTS,
  ...GPU_MUTANTS,
  ...INSTALL_MUTANTS,
  ...BOOT_TIME_MUTANTS,
  ...CLIENT_MUTANTS,
  ...PHASE_MUTANTS,
  ...SESSION_MUTANTS,
  ...GUARD_MUTANTS,
  ...PASSWORD_MUTANTS,
  ...REAL_DESKTOP_MUTANTS,
  ...DCV_MUTANTS,
  ...PLATFORM_MUTANTS,
  ...DESKTOP_MUTANTS,
  ...SEAL_MUTANTS,
  ...IMAGE_TEST_MUTANTS,
  ...WINDOWS_MUTANTS,
  ...WINDOWS_SEAL_MUTANTS,
];
