/** A small fault put into copies of the scripts, and the runs of which at least one must fail because of it. */
export interface Mutant {
  readonly name: string;
  readonly changes: readonly Change[];
  /** Scenarios or `scenario/variant`, tried in this order. */
  readonly caughtBy: readonly string[];
}

interface Change {
  readonly template: string;
  /** Text that stands there once. */
  readonly from: string;
  readonly to: string;
}

const STAGE_ZERO = 'user_data/linux/user_data.sh.j2';
const RUNNER = 'templates/linux/runner.sh.j2';
const AWS_CLIENT = 'templates/linux/aws_client.py.j2';
const PRELUDE = 'templates/linux/prelude.sh.j2';

function mutant(name: string, template: string, from: string, to: string, ...caughtBy: readonly string[]): Mutant {
  return { name, changes: [{ template, from, to }], caughtBy };
}

export const MUTANTS: readonly Mutant[] = [
  // Stage 0
  mutant('unit-not-enabled', STAGE_ZERO, 'systemctl -q enable $N', ':', 'reboot-in-between/rpm-login'),
  mutant('unit-in-an-ordering-cycle', STAGE_ZERO, 'After=$O\n', 'After=$O cloud-final.service\n', 'reboot-in-between/rpm-login'),
  mutant('bundle-not-checked', STAGE_ZERO, '\nok() {\n', '\nok() {\n  [[ -s $B ]]\n  return\n', 's3-bundle-altered/rpm-login'),
  mutant('unit-not-synced', STAGE_ZERO, '\nsync\n', '\n', 'power-cut-at-boundaries/deb-login'),
  mutant('unit-left-enabled-by-stage-0', STAGE_ZERO, '  systemctl -q disable $N\n', '', 's3-bundle-altered/rpm-login'),
  mutant('bundle-fetched-once', STAGE_ZERO, 'for n in {1..15}', 'for n in 1', 's3-stumbles/deb-login'),
  mutant('bundle-failure-not-told', STAGE_ZERO, '} || fail "bundle s3://$k"', '} || exit 1', 's3-bundle-altered/rpm-login'),
  mutant('metadata-without-token', STAGE_ZERO, '<<<"$h:$(<$T)"', '<<<"Accept:*/*"', 'plain-boot/rpm-login'),
  mutant('state-open-to-others', STAGE_ZERO, 'umask 077', 'umask 022', 'plain-boot/rpm-login'),
  mutant('proxy-forgotten', STAGE_ZERO, 'export https_proxy=', 'unused_proxy=', 'behind-proxy/deb-login'),
  mutant('wrong-region-signed', STAGE_ZERO, '"$X" ${t:0:8}/$A/$1', '"$X" ${t:0:8}/us-east-1/$1', 'plain-boot/rpm-login'),
  mutant('certificates-not-checked', STAGE_ZERO, 'curl -sSm99', 'curl -k -sSm99', 'plain-boot/rpm-login'),
  mutant(
    'credentials-as-arguments',
    STAGE_ZERO,
    'e=$(imds "$i$(imds $i)" |',
    'e=$(/bin/true "$(imds "$i$(imds $i)")"; imds "$i$(imds $i)" |',
    'plain-boot/rpm-login',
  ),

  // Runner
  mutant('no-done-marker', RUNNER, 'write_state "phases/${name}.done" "$(print_uptime)"', ':', 'reboot-in-between/rpm-login'),
  mutant(
    'no-reboot',
    RUNNER,
    '  systemctl reboot\n  sleep "${REBOOT_SECONDS}"\n  fail',
    '  return 0\n  fail',
    'reboot-in-between/rpm-login',
  ),
  mutant(
    'reboot-request-ignored',
    RUNNER,
    'if [[ -e ${VOLATILE}/reboot-requested ]]; then\n    reboot_node',
    'if false; then\n    reboot_node',
    'reboot-in-between/rpm-login',
  ),
  mutant('reboots-not-limited', RUNNER, 'reboots=$((reboots + 1))', 'reboots=0', 'customization-reboots-for-ever/deb-login'),
  mutant(
    'goes-on-after-a-failed-phase',
    RUNNER,
    'fail "phase $(print_reason "${status}" "${name}")"',
    'report "phase $(print_reason "${status}" "${name}")"',
    'customization-fails/rpm-login',
  ),
  mutant('success-after-a-failure', RUNNER, '    kind=FAILURE\n', '    kind=SUCCESS\n', 'customization-fails/rpm-login'),
  mutant(
    'signals-twice',
    RUNNER,
    '    send_signal "${verdict}"\n',
    '    send_signal "${verdict}"\n    rm -f "${STATE}/signalled" "${VOLATILE}/signalled"\n    send_signal "${verdict}"\n',
    'plain-boot/rpm-login',
  ),
  mutant('never-signals', RUNNER, '    send_signal "${verdict}"\n', '', 'plain-boot/rpm-login'),
  mutant('never-tags', RUNNER, '    set_tags "${verdict}"\n', '', 'plain-boot/rpm-login'),
  mutant('refused-reason-not-sent-plain', RUNNER, 'if ((status == 144)) &&', 'if false &&', 'signal-reason-refused/rpm-login'),
  mutant('phase-may-take-for-ever', RUNNER, 'read -r -u 7 -t "${limit}" status', 'read -r -u 7 status', 'customization-hangs/deb-login'),
  mutant('hanging-phase-lives-on', RUNNER, '    end_processes "${name}" "${session}"\n', '', 'customization-hangs/deb-login'),
  mutant(
    'state-of-another-instance',
    RUNNER,
    '$(<"${STATE}/instance-id") == "${instance_id}" ]]',
    '-n ${instance_id} ]]',
    'image-of-a-node/deb-login',
  ),
  mutant('owner-not-required', RUNNER, 'if [[ ${need} == required && -z ${encoded} ]]', 'if false', 'owner-missing/rpm-desktop'),
  mutant('unit-left-enabled', RUNNER, '  systemctl --quiet disable cluster-node.service ||', '  true ||', 'plain-boot/rpm-login'),
  mutant('result-not-kept', RUNNER, 'mv -f -- "${STATE}/verdict" "${STATE}/result"', 'rm -f -- "${STATE}/verdict"', 'plain-boot/rpm-login'),
  mutant(
    'verdict-before-the-last-phase',
    RUNNER,
    '  report "phase ${name}: start,',
    '  if [[ ${name} == setup_user_customization ]]; then return 0; fi\n  report "phase ${name}: start,',
    'plain-boot/rpm-login',
  ),

  // AWS client
  mutant(
    'second-token',
    AWS_CLIENT,
    'TOKEN_FILE = "/run/cluster-node/token"',
    'TOKEN_FILE = "/run/cluster-node/token2"',
    'plain-boot/rpm-login',
  ),
  mutant(
    'session-token-not-signed',
    AWS_CLIENT,
    '    names = sorted(headers)\n',
    '    names = sorted(name for name in headers if name != "x-amz-security-token")\n',
    'plain-boot/rpm-login',
  ),
  mutant('throttling-is-final', AWS_CLIENT, 'and not THROTTLING.search(message)', '', 'aws-throttles/deb-login'),

  // Phases
  mutant('no-strict-mode', PRELUDE, 'set -Eeuo pipefail', 'set -Eu', 'customization-fails/rpm-login'),
  mutant('no-error-trap', PRELUDE, '\nrecord_failures\n', '\n', 'customization-fails/rpm-login'),
  mutant(
    'trailing-newlines-lost',
    'templates/linux/values.sh.j2',
    '<<<"${line#*=}" && printf .)"',
    '<<<"${line#*=}")"',
    'hostile-values/rpm-desktop',
  ),
  mutant(
    'values-evaluated',
    'templates/linux/values.sh.j2',
    'printf -v "${name}" %s "${value%.}"',
    'eval "${name}=\\"${value%.}\\""',
    'hostile-values/rpm-desktop',
  ),
  mutant(
    'downloads-not-checked',
    'templates/linux/download.sh.j2',
    '  check_sha256 "${url}" "${sha256}" "${part}"\n',
    '',
    'dcv-download-altered/rpm-desktop',
  ),
  mutant(
    'mirror-asked-once',
    'templates/linux/packages.sh.j2',
    'log_info "the package manager ended with status ${status}; again',
    'fail "the package manager ended with status ${status}; not again',
    'package-mirror-stumbles/deb-login',
  ),
  mutant(
    'owner-not-validated',
    'compute_node/extra/virtual_desktop.sh.j2',
    '  require_valid_owner "${owner}"\n',
    '',
    'hostile-owner/deb-desktop',
  ),
  mutant(
    'file-system-waited-for-without-end',
    'templates/linux/shared_storage/file_systems.sh.j2',
    'if ((SECONDS >= deadline)); then',
    'if false; then',
    'file-system-never/rpm-login',
  ),
  mutant(
    'stack-in-progress-is-enough',
    'templates/linux/stacks/wait_for_stacks.sh.j2',
    '      *_COMPLETE |',
    '      *_IN_PROGRESS | *_COMPLETE |',
    'stack-completes-late/rpm-login',
  ),
  mutant(
    'host-keys-in-the-environment',
    'templates/linux/login/host_keys.sh.j2',
    '  local secret folder=',
    '  local -x secret folder=',
    'plain-boot/rpm-login',
  ),
  mutant(
    'host-keys-in-the-log',
    'templates/linux/login/host_keys.sh.j2',
    '  split_host_keys "${folder}" <<<"${secret}"\n',
    '  split_host_keys "${folder}" <<<"${secret}"\n  log_info "${secret}"\n',
    'plain-boot/rpm-login',
  ),
  mutant(
    'host-keys-open-to-others',
    'templates/linux/login/host_keys.sh.j2',
    '"/etc/ssh/${name}" 0600',
    '"/etc/ssh/${name}" 0644',
    'plain-boot/rpm-login',
  ),
];
