import type { Effect, Fault } from '../../boot-lab/services/world';
import { BUCKET, describeOnMachine, INSTANCE_ID, Machine, NodeOptions, REBOOTED, renderNode } from './machine';

jest.setTimeout(180_000);
afterAll(() => Machine.stopAll());

const RESULT = '/var/lib/cluster-node/result';

/** The verdict and what CloudFormation and the tags were told of it, but for the seconds. */
async function verdictOf(
  machine: Machine,
): Promise<{ status: number; result: string; signals: string[]; tags: { [key: string]: string } }> {
  const boots = await machine.run();
  return {
    status: boots[boots.length - 1].status,
    result: machine.exists(RESULT) ? machine.read(RESULT).trimEnd() : '(none)',
    signals: machine.signals(),
    tags: Object.fromEntries(
      Object.entries(machine.tags())
        .filter(([key]) => key !== 'cluster-node:PhaseSeconds')
        .map(([key, value]) => [key, value.trimEnd()]),
    ),
  };
}

/** What a failure for this reason looks like from everywhere. */
function failure(reason: string): object {
  return {
    status: 1,
    result: `failed ${reason}`,
    signals: [`FAILURE ${`${INSTANCE_ID} ${reason}`.slice(0, 64)}`],
    tags: { 'cluster-node:State': 'failed', 'cluster-node:StateReason': reason },
  };
}

const READY = { status: 0, result: 'ready', signals: [`SUCCESS ${INSTANCE_ID}`], tags: { 'cluster-node:State': 'ready' } };

/** Stage 0 with fewer attempts, of a second each. */
function impatient(file: string, text: string): string {
  return file === 'user_data.sh' ? text.replace('curl -sS -m 99', 'curl -sS -m 1').replace('${limit-15}', '4') : text;
}

const refusal = (on: string, status: number, code: string): Fault => ({ on, effect: { kind: 'error', status, code } });

async function verdictWith(
  faults: Fault[],
  options: NodeOptions = {},
): Promise<{ verdict: Awaited<ReturnType<typeof verdictOf>>; machine: Machine }> {
  const machine = await Machine.start(renderNode(options), { faults });
  return { verdict: await verdictOf(machine), machine };
}

describeOnMachine('stage 0', () => {
  test.concurrent('without instance metadata ends in time, and tries again at the next boot', async () => {
    const machine = await Machine.start(renderNode(), { faults: [refusal('imds:token', 403, 'Forbidden')] });
    const [boot] = await machine.run();
    expect(boot).toMatchObject({ status: 1, output: expect.stringContaining('The requested URL returned error: 403') as string });
    expect(machine.callsOf('imds:token').length).toBe(60);
    await machine.change({ faults: [] });
    machine.forgetUserDataRan();
    expect(await verdictOf(machine)).toEqual(READY);
  });

  test.concurrent('gets another token when the metadata refuses the one that it has given', async () => {
    const { verdict, machine } = await verdictWith([{ ...refusal('imds:/latest/*', 401, 'Unauthorized'), times: 50 }]);
    expect(verdict).toEqual(READY);
    expect(machine.callsOf('imds:token').length).toBe(51);
  });

  test.concurrent.each<[string, Effect, string]>([
    ['refused', { kind: 'error', status: 403, code: 'AccessDenied', message: 'Access Denied' }, '403 +AccessDenied +Access Denied +r'],
    ['never whole', { kind: 'truncate', share: 0.5 }, '200 curl: .18. .*'],
    ['always broken off', { kind: 'disconnect' }, '000 curl: .(35|52|56). .*'],
    ['never answered', { kind: 'hold' }, '000 curl: .28. .*'],
    ['too slow', { kind: 'drip', everySeconds: 0.2 }, '200 curl: .28. .*'],
  ])('says so when the bundle is %s', async (_, effect, pattern) => {
    const node = renderNode({ edit: impatient });
    const machine = await Machine.start(node, { faults: [{ on: 's3:GetObject', effect }] });
    const verdict = await verdictOf(machine);
    expect(verdict.result).toMatch(new RegExp(`^failed bundle s3://${BUCKET}/${node.key} ${pattern}$`));
    expect(verdict).toEqual(failure(verdict.result.slice('failed '.length)));
    expect(machine.callsOf('s3:GetObject').length).toBeLessThanOrEqual(4);
    // Nothing starts it again.
    expect((await machine.boot()).output).toContain('nothing to start');
  });

  test.concurrent('tells of a failure through throttling, and without the reason when CloudFormation does not take it', async () => {
    const node = renderNode();
    const machine = await Machine.start(node, {
      faults: [
        refusal('s3:GetObject', 404, 'NoSuchKey'),
        { on: 'ec2:CreateTags', times: 2, effect: { kind: 'throttle' } },
        { ...refusal('cloudformation:SignalResource', 400, 'ValidationError'), times: 15 },
        { on: 'cloudformation:SignalResource', after: 15, times: 2, effect: { kind: 'throttle' } },
      ],
    });
    const verdict = await verdictOf(machine);
    expect(verdict.signals).toEqual([`FAILURE ${INSTANCE_ID}`]);
    expect(verdict.tags['cluster-node:State']).toBe('failed');
  });

  test.concurrent('tells of a failure without tags of a stack, and of one that nobody takes', async () => {
    const node = renderNode({ edit: impatient });
    const machine = await Machine.start(node, {
      faults: ['s3:*', 'ec2:*', 'cloudformation:*'].map((on) => refusal(on, 403, 'AccessDenied')),
    });
    const [boot] = await machine.run();
    expect(boot.status).toBe(1);
    // cloud-init's log has the reason and what could not be told.
    expect(boot.output).toMatch(new RegExp(`failed bundle s3://${BUCKET}/${node.key} 403 +AccessDenied`));
    expect(boot.output.match(/403(\s+|\{"Error":\{"Code":")AccessDenied/g)).toHaveLength(5);
    expect(machine.read(RESULT)).toContain('failed bundle');
  });

  test.concurrent.each([
    ['state', '/var/lib/cluster-node', 'cp:.*No space left on device'],
    ['code', '/opt/cluster-node', 'tar:.*'],
  ])('says so when there is no room for its %s', async (_, folder, pattern) => {
    const machine = await Machine.start(renderNode());
    machine.mounts(
      `mkdir -p "$root${folder}"; mount -t tmpfs -o size=64k tmpfs "$root${folder}"; if [[ ${folder} == /var* ]]; then dd if=/dev/zero of="$root${folder}/filler" bs=4k status=none || true; else head -c 48k /dev/zero >"$root${folder}/filler"; fi`,
    );
    const boots = await machine.run();
    expect(boots.map(({ status }) => status)).toEqual([1]);
    expect(machine.tags()['cluster-node:StateReason']).toMatch(new RegExp(`^line \\d+ .*${pattern}`));
    expect(machine.signals()).toEqual([
      `FAILURE ${INSTANCE_ID} ${machine.tags()['cluster-node:StateReason']}`.slice(0, 'FAILURE '.length + 64),
    ]);
  });
});

describeOnMachine('the runner', () => {
  test.concurrent.each<[string, string, string | RegExp]>([
    ['a command', '  ls /nonexistent 2>/dev/null', /^phase setup: setup\.sh:\d+: status 2: ls \/nonexistent 2> \/dev\/null$/],
    [
      'a command with a secret',
      '  secret=hunter2; grep -q "$secret" /dev/null',
      /^phase setup: setup\.sh:\d+: status 1: grep -q "\$secret" \/dev\/null$/,
    ],
    ['fail', '  fail "no \nluck  \u00e9"', 'phase setup: no  luck'],
    ['fail in a substitution', '  local x; x="$(fail "no luck" || true)" || true; touch /var/lib/went-on', 'phase setup: no luck'],
    ['fail in a pipeline', '  { fail "no luck" || true; } | cat', 'phase setup: no luck'],
    ['a failure inside a substitution', '  local x; x="$(false)"', /^phase setup: setup\.sh:\d+: status 1: x="\$\(false\)"$/],
    ['exit', '  exit 7', 'phase setup: ended with status 7'],
    ['exit after an error that was handled', '  set +e; false; exit 7', 'phase setup: ended with status 7'],
    [
      'exit after an error in a substitution that was handled',
      '  local x; set +e; x="$(false; true)"; exit 1',
      'phase setup: ended with status 1',
    ],
    ['an unset variable', '  echo "${nothing_of_that_name}"', /^phase setup: setup\.sh: line \d+: nothing_of_that_name: unbound variable$/],
    ['a signal', '  kill -9 "$$"', 'phase setup: killed by signal 9'],
    ['a long reason', `  fail "${'0123456789'.repeat(40)}"`, `phase setup: ${'0123456789'.repeat(40)}`.slice(0, 256)],
  ])('passes on why a phase failed by %s', async (_, body, reason) => {
    const machine = await Machine.start(
      renderNode({
        phases: [
          { name: 'setup', body },
          { name: 'virtual_desktop', body: '  touch /var/lib/later' },
        ],
      }),
    );
    const verdict = await verdictOf(machine);
    const got = verdict.result.slice('failed '.length);
    expect(got).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
    expect(verdict).toEqual(failure(got));
    expect(machine.exists('/var/lib/later')).toBe(false);
    expect(machine.exists('/var/lib/went-on')).toBe(false);
    expect(machine.exists('/var/lib/cluster-node/phases/setup.done')).toBe(false);
    // The reason is final.
    machine.forgetUserDataRan();
    expect((await machine.boot()).status).toBe(1);
    expect(machine.signals()).toHaveLength(1);
  });

  test.concurrent('ends a phase that hangs, with everything it started', async () => {
    const hang = [
      '  trap "" TERM',
      '  log_info "waiting for Godot"',
      '  (trap "" TERM; /usr/bin/sleep 1001) &',
      '  setsid /usr/bin/sleep 1002 &',
      '  (setsid /usr/bin/sleep 1003 & )',
      '  env -i setsid bash -c "/usr/bin/sleep 1004; true" &',
      '  (env -i /usr/bin/sleep 1006 & )',
      '  /usr/bin/sleep 1005',
    ].join('\n');
    const listing = (_file: string, text: string): string =>
      text.replace('  note_step_seconds "${name}"', '  ps -eo args >/var/lib/left\n$&');
    const machine = await Machine.start(renderNode({ phases: [{ name: 'setup', body: hang, timeoutSeconds: 2 }], edit: listing }));
    expect(await verdictOf(machine)).toEqual(failure('phase setup: not done in time and ended; last: waiting for Godot'));
    expect(machine.read('/var/lib/left')).toContain('runner.sh work');
    expect(machine.read('/var/lib/left')).not.toMatch(/sleep 100[1-6]/);
  });

  test.concurrent('does not wait for what a phase leaves in the background', async () => {
    const machine = await Machine.start(renderNode({ phases: [{ name: 'setup', body: '  /usr/bin/sleep 1000 &' }] }));
    expect(await verdictOf(machine)).toEqual(READY);
  });

  test.concurrent('keeps the deadline of the whole bootstrap, over reboots', async () => {
    const machine = await Machine.start(
      renderNode({
        phases: [
          { name: 'setup', body: '  /usr/bin/sleep 1; request_reboot again' },
          { name: 'virtual_desktop', body: '  /usr/bin/sleep 1000' },
        ],
      }),
    );
    expect((await machine.boot()).status).toBe(REBOOTED);
    expect(Number(machine.read('/var/lib/cluster-node/spent-seconds').split('\n')[0])).toBeGreaterThanOrEqual(1);
    machine.write('/var/lib/cluster-node/spent-seconds', '290\n');
    expect((await verdictOf(machine)).result).toMatch(
      /^failed phase virtual_desktop: not done in time and ended; last: phase virtual_desktop: start, at most \d+ s$/,
    );
  });

  test.concurrent('limits the log of a phase that prints for ever', async () => {
    const machine = await Machine.start(
      renderNode({
        phases: [{ name: 'setup', body: '  head -c 300000 /dev/zero | tr "\\0" x; log_info end' }],
        edit: (_, text) => text.replace('LOG_LIMIT_BYTES=20971520', 'LOG_LIMIT_BYTES=1000'),
      }),
    );
    expect(await verdictOf(machine)).toEqual(READY);
    await machine.waitFor(() => machine.read('/var/log/cluster-node/setup.log').includes('[cut after 1000 bytes]'));
    expect(machine.read('/var/log/cluster-node/setup.log').length).toBeLessThan(1200);
  });

  test.concurrent('has all of the log of a phase that leaves something in the background', async () => {
    const machine = await Machine.start(
      renderNode({ phases: [{ name: 'setup', body: '  sleep 1000 &\n  log_info "the last line"\n  : "${undefined_name}"' }] }),
    );
    const { result } = await verdictOf(machine);
    expect(machine.read('/var/log/cluster-node/setup.log')).toContain('the last line');
    expect(result).toMatch(/^failed phase setup: setup\.sh: line \d+: undefined_name: unbound variable$/);
  });

  test.concurrent('is ready without room for logs', async () => {
    const machine = await Machine.start(
      renderNode({ phases: [{ name: 'setup', body: '  head -c 300000 /dev/zero | tr "\\0" x; log_info end' }] }),
    );
    // Else what fills the disk would be taken for logs of another instance.
    machine.write('/var/lib/cluster-node/instance-id', `${INSTANCE_ID}\n`);
    machine.mounts(
      'mkdir -p "$root/var/log/cluster-node"; mount -t tmpfs -o size=8k tmpfs "$root/var/log/cluster-node"; head -c 8k /dev/zero >"$root/var/log/cluster-node/filler"',
    );
    expect(await verdictOf(machine)).toEqual(READY);
  });

  test.concurrent('runs no added commands when all that says ready is another instance', async () => {
    const machine = await Machine.start(
      renderNode({ commands: 'touch /var/lib/added', edit: (_, text) => text.replace('  forget_other_instance\n', '  false\n') }),
    );
    machine.write('/var/lib/cluster-node/instance-id', 'i-0aaaaaaaaaaaaaaaa\n');
    machine.write('/var/lib/cluster-node/result', 'ready\n');
    expect((await machine.run()).map(({ status }) => status)).toEqual([1]);
    expect(machine.exists('/var/lib/added')).toBe(false);
  });

  test.concurrent('tells of its own death', async () => {
    const machine = await Machine.start(
      renderNode({ phases: [{ name: 'setup', body: '  kill -9 "$(pgrep -f "runner.sh work" | head -n 1)"; /usr/bin/sleep 1000' }] }),
    );
    expect(await verdictOf(machine)).toEqual(failure('runner: killed by signal 9'));
  });

  test.concurrent('gets a new token for instance metadata when the one of this boot has expired', async () => {
    const machine = await Machine.start(renderNode({ phases: [{ name: 'setup', body: '  printf expired >/run/cluster-node/token' }] }));
    expect(await verdictOf(machine)).toEqual(READY);
    expect(machine.callsOf('imds:token')).toHaveLength(2);
  });

  test.concurrent('stays truthful when nobody takes tag and signal', async () => {
    const { verdict, machine } = await verdictWith(['ec2:*', 'cloudformation:*'].map((on) => refusal(on, 403, 'AccessDenied')));
    expect(verdict).toEqual({ status: 0, result: 'ready', signals: [], tags: {} });
    expect(machine.exists('/var/lib/cluster-node/signalled')).toBe(false);
    expect(machine.read('/var/log/cluster-node/runner.log')).toMatch(
      /could not be sent to Desktop of desktop-1: .*HTTP 403 \{"Error":\{"Code":"AccessDenied"/,
    );
  });

  test.concurrent('waits in vain for a reboot only so long', async () => {
    const machine = await Machine.start(
      renderNode({
        phases: [{ name: 'setup', body: '  request_reboot "new kernel"; touch /etc/test-reboot-hangs' }],
        edit: (_, text) => text.replace('REBOOT_SECONDS=600', 'REBOOT_SECONDS=10'),
      }),
    );
    expect((await verdictOf(machine)).result).toBe('failed phase setup asked for a reboot, and the node was still up 10 s later');
  });
});
