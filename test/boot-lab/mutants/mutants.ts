/** A small fault put into copies of the scripts, and the failure that it must cause. */
export interface Mutant {
  readonly name: string;
  readonly changes: readonly Change[];
  /** `scenario/variant` */
  readonly caughtBy: string;
  /** Text of the failure. One that a broken or busy machine does not cause. */
  readonly failure: RegExp;
  /** The fault makes the bootstrap wait, so that the machine never comes to rest. */
  readonly neverSettles: boolean;
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
const FUNCTIONS = 'templates/linux/functions.sh.j2';

function runner(concern: string): string {
  return `templates/linux/runner/${concern}.sh.j2`;
}

function mutant(name: string, template: string, from: string, to: string, caughtBy: string, failure: RegExp): Mutant {
  return { name, changes: [{ template, from, to }], caughtBy, failure, neverSettles: false };
}

function withoutEnd(one: Mutant): Mutant {
  return { ...one, neverSettles: true };
}

export const MUTANTS: readonly Mutant[] = [
  // Stage 0
  mutant(
    'unit-not-enabled',
    STAGE_ZERO,
    'systemctl --quiet enable cluster-node.service',
    ':',
    'reboot-in-between/rpm-login',
    /^phases: .* got ""$/,
  ),
  mutant(
    'unit-in-an-ordering-cycle',
    STAGE_ZERO,
    'DefaultDependencies=no\nAfter=network-online.target basic.target\n',
    'After=network-online.target cloud-final.service\n',
    'reboot-in-between/rpm-login',
    /^\[clean boot\] systemd found an ordering cycle/,
  ),
  mutant(
    'bundle-not-checked',
    STAGE_ZERO,
    '\nbundle_is_right() {\n',
    '\nbundle_is_right() {\n  [[ -s ${BUNDLE} ]]\n  return\n',
    's3-bundle-altered/rpm-login',
    /^phases: expected "", got "setup@1/,
  ),
  mutant('unit-not-synced', STAGE_ZERO, '\n  sync\n', '\n', 'power-cut-without-metadata/deb-login', /^phases: .* got ""$/),
  withoutEnd(
    mutant(
      'targets-wait-for-the-unit',
      STAGE_ZERO,
      'DefaultDependencies=no\n',
      '',
      'phase-starts-late-service/deb-login',
      /^the service is not active$/,
    ),
  ),
  mutant(
    'unit-after-the-token',
    STAGE_ZERO,
    '  # Before anything is waited for.\n  install_unit\n',
    '  get_token\n  install_unit\n',
    'power-cut-without-metadata/deb-login',
    /^phases: .* got ""$/,
  ),
  mutant(
    'unit-kept-by-any-result',
    STAGE_ZERO,
    'Wants=network-online.target\n',
    'Wants=network-online.target\nConditionPathExists=!${STATE}/result\n',
    'image-of-a-node-power-cut/deb-login',
    /^phases: /,
  ),
  mutant(
    'unit-of-its-own-taken-for-an-image',
    STAGE_ZERO,
    '  (($#)) || touch "${STATE}/unclaimed"\n',
    '',
    'image-of-a-node-power-cut/deb-login',
    /^phases: /,
  ),
  mutant(
    'unit-of-an-image-goes-on',
    RUNNER,
    '      claim_unit "${1-}"\n',
    '',
    'image-of-a-node-at-work/deb-login',
    /^tokens of the second boot: /,
  ),
  mutant(
    'user-data-kept-out-by-an-image',
    STAGE_ZERO,
    '{ (($# == 0)) && flock 9 && [[ -e ${VOLATILE}/handed-over ]]; }',
    'false',
    'image-of-a-node-at-work/deb-login',
    /^phases: /,
  ),
  mutant(
    'unit-left-enabled-by-stage-0',
    STAGE_ZERO,
    '  systemctl --quiet disable cluster-node.service\n',
    '',
    's3-bundle-altered/rpm-login',
    /^\[nothing left behind\] cluster-node\.service is still enabled/,
  ),
  mutant(
    'bundle-fetched-once',
    STAGE_ZERO,
    'for attempt in {1..15}',
    'for attempt in 1',
    's3-stumbles/deb-login',
    /^answers of S3: .* got \[500\]$/,
  ),
  mutant(
    'bundle-failure-not-told',
    STAGE_ZERO,
    '} || fail "bundle s3://${object}"',
    '} || exit 1',
    's3-bundle-altered/rpm-login',
    /^\[nothing left behind\] cluster-node\.service is still enabled/,
  ),
  withoutEnd(
    mutant(
      'metadata-without-token',
      STAGE_ZERO,
      '<<<"${TOKEN_HEADER}:$(<"${VOLATILE}/token")"',
      '<<<"Accept:*/*"',
      'plain-boot/rpm-login',
      /^\[metadata version 2 only\] .*\/latest\/meta-data/,
    ),
  ),
  mutant(
    'state-open-to-others',
    STAGE_ZERO,
    'umask 077',
    'umask 022',
    'plain-boot/rpm-login',
    /^\[no secret exposed\] mode and owner of \/run\/cluster-node: .* got "drwxr-xr-x/,
  ),
  withoutEnd(
    mutant(
      'proxy-forgotten',
      STAGE_ZERO,
      'export https_proxy=',
      'unused_proxy=',
      'behind-proxy/deb-login',
      /^names that the node asked for itself: .* got \["s3\.eu-central-1/,
    ),
  ),
  withoutEnd(
    mutant(
      'wrong-region-signed',
      STAGE_ZERO,
      'scope="${moment%T*}/${VALUE_CONFIGURATION_REGION}/$1',
      'scope="${moment%T*}/us-east-1/$1',
      'plain-boot/rpm-login',
      /^\[no refused call\] .*s3:GetObject 403 SignatureDoesNotMatch/,
    ),
  ),
  mutant(
    'certificates-not-checked',
    STAGE_ZERO,
    'curl -sS -m 99',
    'curl -k -sS -m 99',
    'plain-boot/rpm-login',
    /^\[checks of downloads stay on\] curl was called with -k/,
  ),
  mutant(
    'credentials-as-arguments',
    STAGE_ZERO,
    'problem="$(credentials |',
    'problem="$(/bin/true "$(credentials)"; credentials |',
    'plain-boot/rpm-login',
    /^\[no secret exposed\] the secret access key was in an argument .*\/bin\/true/,
  ),

  // Runner
  mutant(
    'no-done-marker',
    runner('phases'),
    'write_state "phases/${name}.done" "$(print_uptime)"',
    ':',
    'reboot-in-between/rpm-login',
    /^installs: .* got "setup@1 setup@2/,
  ),
  mutant(
    'no-reboot',
    runner('reboot'),
    '  systemctl reboot\n  sleep "${REBOOT_SECONDS}"\n  fail',
    '  return 0\n  fail',
    'reboot-in-between/rpm-login',
    /^boots: .* got \["settled"\]$/,
  ),
  mutant(
    'reboot-request-ignored',
    runner('phases'),
    'if [[ -e ${VOLATILE}/reboot-requested ]]; then\n    reboot_node',
    'if false; then\n    reboot_node',
    'reboot-in-between/rpm-login',
    /^boots: .* got \["settled"\]$/,
  ),
  mutant(
    'reboots-not-limited',
    runner('reboot_limit'),
    'reboots=$((reboots + 1))',
    'reboots=0',
    'customization-reboots-for-ever/deb-login',
    /^the machine reboots for ever/,
  ),
  mutant(
    'goes-on-after-a-failed-phase',
    runner('phases'),
    'fail "phase $(print_reason "${status}" "${name}")"',
    'report "phase $(print_reason "${status}" "${name}")"',
    'customization-fails/rpm-login',
    /^\[ready only after every phase\] .* after setup_user_customization had failed with 2/,
  ),
  mutant(
    'success-after-a-failure',
    runner('signal'),
    '    kind=FAILURE\n',
    '    kind=SUCCESS\n',
    'customization-fails/rpm-login',
    /^\[one true verdict\] signals: expected \["FAILURE"\], got \["SUCCESS"\]/,
  ),
  mutant(
    'signals-twice',
    runner('verdict'),
    '    send_signal "${verdict}"\n',
    '    send_signal "${verdict}"\n    rm -f "${STATE}/signalled" "${VOLATILE}/signalled"\n    send_signal "${verdict}"\n',
    'plain-boot/rpm-login',
    /^\[no call twice\] .*cloudformation:SignalResource/,
  ),
  mutant(
    'never-signals',
    runner('verdict'),
    '    send_signal "${verdict}"\n',
    '',
    'plain-boot/rpm-login',
    /^\[one true verdict\] signals: expected \["SUCCESS"\], got \[\]$/,
  ),
  mutant(
    'never-tags',
    runner('verdict'),
    '    set_tags "${verdict}"\n',
    '',
    'plain-boot/rpm-login',
    /^\[one true verdict\] state tags: expected \["ready"\], got \[\]$/,
  ),
  mutant(
    'launch-hook-forgotten',
    runner('verdict'),
    '    complete_launch "${verdict}"\n',
    '',
    'plain-boot/rpm-login',
    /^\[one true verdict\] results of the launch hook: expected \["CONTINUE"\], got \[\]$/,
  ),
  mutant(
    'launch-hook-before-the-signal',
    runner('verdict'),
    '    send_signal "${verdict}"\n    complete_launch "${verdict}"\n',
    '    complete_launch "${verdict}"\n    send_signal "${verdict}"\n',
    'launch-hook-completed/rpm-login',
    /^the last calls: .*"CompleteLifecycleAction","SignalResource"\]$/,
  ),
  mutant(
    'failed-node-in-service',
    runner('launch_hook'),
    '    result=ABANDON\n',
    '    result=CONTINUE\n',
    'customization-fails/rpm-login',
    /^\[one true verdict\] results of the launch hook: expected \["ABANDON"\], got \["CONTINUE"\]$/,
  ),
  mutant(
    'launch-hook-asked-for-once',
    runner('launch_hook'),
    'if ((status != 144 || attempt == 12)); then',
    'if true; then',
    'launch-hook-late/deb-login',
    /^answers to the launch hook: .* got \[400\]$/,
  ),
  mutant(
    'launch-hook-forgotten-by-stage-0',
    STAGE_ZERO,
    'call_aws autoscaling /',
    ': autoscaling /',
    's3-bundle-altered/rpm-login',
    /^\[one true verdict\] results of the launch hook: expected \["ABANDON"\], got \[\]$/,
  ),
  mutant(
    'refused-launch-hook-fails-the-node',
    runner('launch_hook'),
    '    report "launch hook ${hook} of ${group} could not',
    '    exit 1\n    report "launch hook ${hook} of ${group} could not',
    'launch-hook-refused/rpm-login',
    /^state tag and result file: expected \["ready","ready"\]/,
  ),
  mutant(
    'refused-reason-not-sent-plain',
    runner('signal'),
    'if ((status == 144)) &&',
    'if false &&',
    'signal-reason-refused/rpm-login',
    /^second signal: .* got \[\]$/,
  ),
  withoutEnd(
    mutant(
      'phase-may-take-for-ever',
      runner('processes'),
      'read -r -u 7 -t "${limit}" status',
      'read -r -u 7 status',
      'customization-hangs/deb-login',
      /^the phase ran \d+ s, and the bootstrap may take 30$/,
    ),
  ),
  mutant(
    'hanging-phase-lives-on',
    runner('processes'),
    '    end_processes "${name}" "${session}"\n',
    '',
    'customization-hangs/deb-login',
    /^processes that are left of the phase: .* got \["sleep 86399"\]$/,
  ),
  mutant(
    'state-of-another-instance',
    runner('state'),
    '$(<"${STATE}/instance-id") == "${instance_id}" ]]',
    '-n ${instance_id} ]]',
    'image-of-a-node/deb-login',
    /^instances that were tagged: .* got \["i-0123456789abcdef0"\]$/,
  ),
  mutant(
    'owner-not-required',
    runner('launch_time_values'),
    'if [[ ${need} == required && -z ${encoded} ]]',
    'if false',
    'owner-missing/rpm-desktop',
    /^phases: expected "", got "setup@1/,
  ),
  mutant(
    'unit-left-enabled',
    runner('supervise'),
    '  systemctl --quiet disable cluster-node.service ||',
    '  true ||',
    'plain-boot/rpm-login',
    /^\[nothing left behind\] cluster-node\.service is still enabled/,
  ),
  mutant(
    'result-not-kept',
    runner('verdict'),
    'mv -f -- "${STATE}/verdict" "${STATE}/result"',
    'rm -f -- "${STATE}/verdict"',
    'plain-boot/rpm-login',
    /^\[one true verdict\] result file: .* got nothing$/,
  ),
  mutant(
    'verdict-before-the-last-phase',
    runner('phases'),
    '  report "phase $1: start,',
    '  if [[ $1 == setup_user_customization ]]; then return 0; fi\n  report "phase $1: start,',
    'plain-boot/rpm-login',
    /^\[ready only after every phase\] .* setup_user_customization has not ended well/,
  ),

  // Installs
  mutant(
    'image-not-asked',
    runner('phases'),
    'if install_is_in_image "$1" "$2"; then',
    'if false; then',
    'image-has-all-installs/deb-login',
    /^installs: .* got "setup@1 login_node@1 setup@2 login_node@2"$/,
  ),
  mutant(
    'key-without-text',
    runner('installs'),
    'sha256sum <"${script}"\n',
    'true\n',
    'image-of-older-phase/rpm-desktop',
    /^installs: .* got "setup@1 virtual_desktop@1 setup_user_customization@1"$/,
  ),
  mutant(
    'key-without-facts',
    runner('installs'),
    'for fact in ${facts}; do',
    'for fact in; do',
    'image-without-gpu/rpm-desktop',
    /^installs: .* got "setup@1 virtual_desktop@1"$/,
  ),
  mutant(
    'manifest-says-what-is-no-more',
    runner('phases'),
    '    write_manifest "$1"\n',
    '    true\n',
    'image-of-older-phase/rpm-desktop',
    /^what an image of this node would be said to have: .* got \["setup",/,
  ),
  mutant(
    'no-lower-version',
    'templates/linux/packages.sh.j2',
    'run_package_manager install --allow-downgrades "${files[@]}"',
    'run_package_manager install "${files[@]}"',
    'dcv-older-than-image/deb-desktop',
    /^\[one true verdict\] result file: .*virtual_desktop\.install/,
  ),

  // AWS client
  mutant(
    'second-token',
    AWS_CLIENT,
    'TOKEN_FILE = "/run/cluster-node/token"',
    'TOKEN_FILE = "/run/cluster-node/token2"',
    'plain-boot/rpm-login',
    /^\[one token a boot\] boot 1 asked for 2/,
  ),
  mutant(
    'session-token-not-signed',
    AWS_CLIENT,
    '    names = sorted(headers)\n',
    '    names = sorted(name for name in headers if name != "x-amz-security-token")\n',
    'plain-boot/rpm-login',
    /^\[no refused call\] .*InvalidSignatureException/,
  ),
  mutant(
    'throttling-is-final',
    AWS_CLIENT,
    'and not THROTTLING.search(message)',
    '',
    'aws-throttles/deb-login',
    /^answers to the signal: .* got \[400,400\]$/,
  ),

  // Phases
  mutant(
    'no-strict-mode',
    FUNCTIONS,
    'set -Eeuo pipefail',
    'set -Eu',
    'customization-fails/rpm-login',
    /^the phase went on after a failed command$/,
  ),
  mutant(
    'no-error-trap',
    PRELUDE,
    '\nrecord_failures\n',
    '\n',
    'customization-fails/rpm-login',
    /^reason tag: .* got "phase setup_user_customization: ended with status 2"$/,
  ),
  mutant(
    'trailing-newlines-lost',
    'templates/linux/values.sh.j2',
    '<<<"${line#*=}" && printf .)"',
    '<<<"${line#*=}")"',
    'hostile-values/rpm-desktop',
    /^value as the argument of a program: /,
  ),
  mutant(
    'values-evaluated',
    'templates/linux/values.sh.j2',
    'printf -v "${name}" %s "${value%.}"',
    'eval "${name}=\\"${value%.}\\""',
    'hostile-values/rpm-desktop',
    /^a value was executed$/,
  ),
  mutant(
    'downloads-not-checked',
    'templates/linux/download.sh.j2',
    '  check_sha256 "${url}" "${sha256}" "${part}"\n',
    '',
    'dcv-download-altered/rpm-desktop',
    /^reason tag: expected \/sha256\/, got "phase virtual_desktop\.install: .*tar/,
  ),
  mutant(
    'mirror-asked-once',
    'templates/linux/packages.sh.j2',
    'log_info "the package manager ended with status ${status}; again',
    'fail "the package manager ended with status ${status}; not again',
    'package-mirror-stumbles/deb-login',
    /^\[one true verdict\] result file: .*not again/,
  ),
  {
    ...mutant(
      'owner-not-validated',
      'compute_node/extra/virtual_desktop.sh.j2',
      '  require_valid_owner "${owner}"\n',
      '',
      'hostile-owner/deb-desktop',
      /^reason tag: .*could not be created/,
    ),
    changes: [
      { template: 'compute_node/setup.sh.j2', from: '  require_valid_owner "{{', to: '  : "{{' },
      { template: 'compute_node/extra/virtual_desktop.sh.j2', from: '  require_valid_owner "${owner}"\n', to: '' },
    ],
  },
  mutant(
    'owner-validated-late',
    'compute_node/setup.sh.j2',
    '  require_valid_owner "{{',
    '  : "{{',
    'hostile-owner/deb-desktop',
    /^phases: expected .* got ".*virtual_desktop@1!113"$/,
  ),
  withoutEnd(
    mutant(
      'file-system-waited-for-without-end',
      'templates/linux/shared_storage/file_systems.sh.j2',
      'if ((SECONDS >= deadline)); then',
      'if false; then',
      'file-system-never/rpm-login',
      /^setup waited \d+ s for a file system that it may wait 12 s for$/,
    ),
  ),
  mutant(
    'stack-in-progress-is-enough',
    'templates/linux/stacks/wait_for_stacks.sh.j2',
    '      *_COMPLETE |',
    '      *_IN_PROGRESS | *_COMPLETE |',
    'stack-completes-late/rpm-login',
    /^questions for the stack: expected 2, got 1$/,
  ),
  mutant(
    'host-keys-in-the-environment',
    'templates/linux/login/host_keys.sh.j2',
    '  local secret folder=',
    '  local -x secret folder=',
    'plain-boot/rpm-login',
    /^\[no secret exposed\] a host key was in an argument or the environment/,
  ),
  mutant(
    'host-keys-in-the-log',
    'templates/linux/login/host_keys.sh.j2',
    '  split_host_keys "${folder}" <<<"${secret}"\n',
    '  split_host_keys "${folder}" <<<"${secret}"\n  log_info "${secret}"\n',
    'plain-boot/rpm-login',
    /^\[no secret exposed\] a host key is in the log/,
  ),
  mutant(
    'host-keys-open-to-others',
    'templates/linux/login/host_keys.sh.j2',
    '"/etc/ssh/${name}" 0600',
    '"/etc/ssh/${name}" 0644',
    'plain-boot/rpm-login',
    /^\[no secret exposed\] a host key is in \/etc\/ssh\/ssh_host_ecdsa_key, which others may read/,
  ),

  // Added commands
  mutant(
    'added-commands-again',
    runner('added_commands'),
    ' || -e ${STATE}/added-commands.started ]]',
    ' ]]',
    'added-commands/rpm-login',
    /^what the commands saw: /,
  ),
  // They sleep for longer than a boot may take.
  withoutEnd(
    mutant(
      'added-commands-mark-not-flushed',
      runner('added_commands'),
      ' && flush_disks; }',
      '; }',
      'added-commands-power-cut/deb-login',
      /^starts of the commands by boot: .* got \[1,1\]$/,
    ),
  ),
  mutant(
    'added-commands-after-a-failure',
    runner('supervise'),
    '  if [[ ${verdict} != ready ]] || ((status != 0)); then\n    return 1\n  fi\n  run_added_commands\n',
    '  run_added_commands\n  [[ ${verdict} == ready ]]\n',
    'added-commands-after-failure/deb-login',
    /^the added commands ran after a failure$/,
  ),
  mutant(
    'added-commands-before-the-verdict',
    runner('supervise'),
    '    give_verdict "${verdict}"\n',
    '    run_added_commands\n    give_verdict "${verdict}"\n',
    'added-commands/rpm-login',
    /^what the commands saw: .* got \["result: "/,
  ),
  mutant(
    'added-commands-in-our-environment',
    runner('added_commands'),
    'setsid env -i HOME',
    'setsid env HOME',
    'added-commands/rpm-login',
    /^what the commands saw: .*AWS_REGION/,
  ),
  mutant(
    'added-commands-in-our-shell',
    runner('added_commands'),
    'exec setsid env -i HOME=/root PATH="${PATH}" LANG="${LANG:-C}" /bin/bash ',
    '. ',
    'added-commands/rpm-login',
    /^what the commands saw: .*declare -f/,
  ),
  {
    ...mutant(
      'added-commands-have-the-lock',
      runner('added_commands'),
      '  exec 9>&-\n',
      '',
      'added-commands/rpm-login',
      /^what the commands saw: .*0 {2}1 {2}2 {2}255 {2}9/,
    ),
    changes: [
      { template: runner('added_commands'), from: '  exec 9>&-\n', to: '' },
      { template: runner('added_commands'), from: 'eval "exec ${descriptor}>&-"', to: ':' },
    ],
  },
  mutant(
    'added-commands-background-ended',
    STAGE_ZERO,
    'KillMode=process\n',
    '',
    'added-commands/rpm-login',
    /^what the commands left in the background is still there: /,
  ),
  mutant(
    'added-commands-decide',
    runner('added_commands'),
    'start_added_commands || status=$?',
    'start_added_commands || exit',
    'added-commands/rpm-login',
    /^log of the runner: /,
  ),

  // What was not looked at before, or not closely enough
  mutant(
    'certificates-not-checked-bundled',
    STAGE_ZERO,
    'curl -sS -m 99',
    'curl -ksS -m 99',
    'plain-boot/rpm-login',
    /^\[checks of downloads stay on\] curl was called with -ksS$/,
  ),
  mutant(
    'client-trusts-everybody',
    AWS_CLIENT,
    '\nclass AnyStatus',
    '\nimport ssl\nssl._create_default_https_context = ssl._create_unverified_context\n\nclass AnyStatus',
    'api-is-a-stranger/deb-login',
    /^calls to whoever says it is ec2: expected 0, got 1$/,
  ),
  mutant(
    'stage-0-trusts-everybody',
    STAGE_ZERO,
    'curl -sS -m 99',
    'CURL_HOME=/run curl --proto-redir =https --insecure -sS -m 99',
    's3-is-a-stranger/rpm-login',
    /^calls to whoever it is: expected 0, got 1$/,
  ),
  mutant(
    'asks-an-unknown-host',
    RUNNER,
    '  count_boot\n',
    '  count_boot\n  curl -s -m 5 https://unknown.test/x >&2 || true\n',
    'plain-boot/rpm-login',
    /^\[known hosts only\] names that no node needs to look up: .*unknown\.test/,
  ),
  mutant(
    'verdict-on-disk-ignored',
    runner('supervise'),
    'if [[ -e ${STATE}/verdict ]]; then',
    'if false; then',
    'power-cut-at-verdict/deb-login',
    /^state tags: expected \["failed"\], got .*"ready"/,
  ),
  mutant(
    'verdict-not-kept',
    runner('verdict'),
    '  keep_verdict "${verdict}"\n',
    '',
    'power-cut-at-verdict/deb-login',
    /^the machine came to rest, and the power could not be cut at 'verdict'/,
  ),
  mutant(
    'one-reboot-too-few',
    runner('reboot_limit'),
    'if ((reboots > {{',
    'if ((reboots >= {{',
    'customization-reboots-for-ever/deb-login',
    /^boots: .* got \["reboot","reboot","settled"\]$/,
  ),
  mutant(
    'time-out-not-named',
    runner('processes'),
    '    timed_out=true\n',
    '',
    'customization-hangs/deb-login',
    /^reason tag: .* got "phase setup_user_customization/,
  ),
  mutant(
    'clock-not-followed',
    AWS_CLIENT,
    'elif CLOCK.search(message) and Clock.follow(headers):',
    'elif False:',
    'clock-behind/deb-login',
    /^answers to the tags: .* got \["RequestExpired"\]$/,
  ),
  mutant(
    'clock-not-followed-back',
    AWS_CLIENT,
    '|RequestInTheFuture|AuthFailure")',
    '")',
    'clock-ahead/deb-login',
    /^answers to the tags: .* got \["AuthFailure"\]$/,
  ),
  mutant(
    'complete-stack-asked-again',
    'templates/linux/stacks/wait_for_stacks.sh.j2',
    '        log_info "stack ${stack} is ${status}"\n',
    '        log_info "stack ${stack} is ${status}"\n        read_stack_status "${stack}"\n',
    'stack-completes-late/rpm-login',
    /^\[no call twice\] .*cloudformation:DescribeStacks/,
  ),
  mutant(
    'tag-before-the-phases',
    RUNNER,
    '  write_launch_values\n  run_phases\n',
    '  write_launch_values\n  set_tags ready\n  run_phases\n',
    'plain-boot/rpm-login',
    /^\[ready only after every phase\] the node said with CreateTags/,
  ),

  // Packages
  mutant(
    'lock-of-rpm-ends-it',
    'templates/linux/packages.sh.j2',
    'transaction lock|not yet valid|',
    'not yet valid|',
    'rpm-is-locked/rpm-login',
    /^phases: .*got "setup\.install@1!113"$/,
  ),
  mutant(
    'list-of-later-ends-it',
    'templates/linux/packages.sh.j2',
    'not (yet valid|valid yet)|404  |',
    '404  |',
    'package-list-from-the-future/deb-login',
    /^phases: .*got "setup\.install@1!113"$/,
  ),

  // Injection
  mutant(
    'newline-in-a-table-field',
    'templates/linux/shared_storage/file_systems.sh.j2',
    '  field="${field//$\'\\n\'/\\\\012}"\n',
    '',
    'injected-values/deb-login',
    /^lines of the table of file systems: .*expected 1, got 2$/,
  ),
];
