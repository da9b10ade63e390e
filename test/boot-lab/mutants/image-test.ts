import { mutant, type Mutant } from './mutant';

const RESTART = 'templates/linux/runner/reboot.sh.j2';
const INSTALLS = 'templates/linux/runner/installs.sh.j2';
const WINDOWS_RUNNER = 'templates/windows/runner.ps.j2';
const DESKTOP = 'image-builder/rpm-desktop';
const WINDOWS = 'windows-image-builder/windows2022';

/** What makes the test of an image one. */
export const IMAGE_TEST_MUTANTS: readonly Mutant[] = [
  mutant(
    'image-test-without-restart',
    RESTART,
    '  exit "${RESTART_STATUS}"\n',
    '',
    DESKTOP,
    /steps of the test: expected "Test 194, Test 0"/,
  ),
  mutant(
    'image-test-of-installs-alone',
    INSTALLS,
    'work_for_image work ',
    'work_for_image install-all ',
    DESKTOP,
    /steps of the test: expected/,
  ),
  mutant(
    'image-test-ends-well',
    INSTALLS,
    '      status=1\n',
    '      status=0\n',
    DESKTOP,
    /steps of the test of an image that lacks an install/,
  ),
  mutant(
    'windows-image-test-without-restart',
    'templates/windows/runner/restart.ps.j2',
    '  exit 3010\n',
    '',
    WINDOWS,
    /steps of the test: expected/,
  ),
  mutant(
    'windows-image-test-takes-old-result',
    WINDOWS_RUNNER,
    "    Get-ChildItem -LiteralPath $StateFolder | Where-Object { $_.Name -notin 'bootstrap', 'values' } | Remove-Item -Recurse -Force\n",
    '',
    WINDOWS,
    /steps/,
  ),
  mutant(
    'windows-image-test-ends-well',
    WINDOWS_RUNNER,
    '    exit 1\n{%- else %}',
    '    exit 0\n{%- else %}',
    WINDOWS,
    /steps of the test/,
  ),
];
