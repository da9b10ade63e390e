import * as fs from 'fs';
import { describeOnMachine, instance, INSTANCE_ID, Machine, REBOOTED, renderNode, RESOURCE, STACK } from './machine';

jest.setTimeout(180_000);
afterAll(() => Machine.stopAll());

/** A phase that notes, on the disk, in which boot it ran, then does what is given. */
function noting(name: string, body = ''): { name: string; body: string } {
  return { name, body: `  printf '%s ' ${name} >>/var/lib/ran\n${body}` };
}

const FOUR = ['setup', 'setup_post_reboot', 'virtual_desktop', 'setup_user_customization'];

describeOnMachine('a boot', () => {
  test.concurrent('runs the phases in order, says ready once, and asks AWS and IMDS for nothing twice', async () => {
    const machine = await Machine.start(renderNode({ phases: FOUR.map((name) => noting(name)) }));
    const boots = await machine.run();
    expect({ statuses: boots.map(({ status }) => status), logs: machine.logs() }).toMatchObject({ statuses: [0] });
    expect(machine.read('/var/lib/ran')).toBe(`${FOUR.join(' ')} `);
    expect(machine.read('/var/lib/cluster-node/result')).toBe('ready\n');
    expect(machine.signals()).toEqual([`SUCCESS ${INSTANCE_ID}`]);
    expect(machine.callsOf('cloudformation:SignalResource')[0].arguments).toMatchObject({ StackName: STACK, LogicalResourceId: RESOURCE });
    expect(machine.tags()).toEqual({
      'cluster-node:State': 'ready',
      'cluster-node:PhaseSeconds': expect.stringMatching(
        /^total=\d+( (setup|setup_post_reboot|virtual_desktop|setup_user_customization)=\d+){4}$/,
      ) as string,
    });
    // The tag comes before the signal: CloudFormation goes on at once.
    expect(machine.called().filter((name) => !name.startsWith('imds:/'))).toEqual([
      'imds:token',
      's3:GetObject',
      'ec2:CreateTags',
      'cloudformation:SignalResource',
    ]);
    expect(machine.callsOf('imds:/*').filter(({ status }) => status === 401)).toEqual([]);
    // Progress with times is where cloud-init and the journal keep it.
    for (const name of FOUR) {
      expect(boots[0].output).toMatch(new RegExp(`\\d{4}-\\d\\d-\\d\\dT[0-9:+]+ cluster-node: phase ${name}: done in \\d+ s`));
    }
    expect(machine.mode('/var/lib/cluster-node')).toBe('700');
    expect(machine.exists('/etc/systemd/system/multi-user.target.wants/cluster-node.service')).toBe(false);

    // cloud-init runs the UserData once more, then the machine boots again.
    const before = machine.called().length;
    machine.forgetUserDataRan();
    expect((await machine.boot()).status).toBe(0);
    expect((await machine.boot()).output).toContain('nothing to start');
    expect(machine.read('/var/lib/ran')).toBe(`${FOUR.join(' ')} `);
    // Stage 0 tries its token with the question that the runner has as well.
    expect(machine.called().slice(before)).toEqual(['imds:token', ...Array<string>(2).fill('imds:/latest/meta-data/instance-id')]);
  });

  test.concurrent('reboots when phases ask for it, and goes on where it was', async () => {
    const phases = FOUR.map((name) =>
      noting(name, name === 'setup_post_reboot' ? '' : '  request_reboot "because of $(basename "$0")"\n  request_reboot again'),
    );
    const machine = await Machine.start(renderNode({ phases }));
    const boots = await machine.run();
    expect({ statuses: boots.map(({ status }) => status), logs: machine.logs() }).toMatchObject({
      statuses: [REBOOTED, REBOOTED, REBOOTED, 0],
    });
    expect(machine.read('/var/lib/ran')).toBe(`${FOUR.join(' ')} `);
    expect(machine.read('/var/lib/cluster-node/reboots')).toMatch(/^3 /);
    expect(machine.signals()).toEqual([`SUCCESS ${INSTANCE_ID}`]);
    expect(machine.callsOf('s3:GetObject')).toHaveLength(1);
    expect(machine.callsOf('imds:token')).toHaveLength(4);
    expect(boots[0].output).toContain('reboot after phase setup: because of setup.sh;again;');
    // Each state is on the disk before the reboot.
    expect(machine.read('/var/lib/machine-calls').split('\n').slice(0, -1)).toContain('systemctl reboot');
  });

  test.concurrent('a phase that reboots by itself runs again; one that returns as well does not', async () => {
    const machine = await Machine.start(
      renderNode({
        phases: [
          noting('setup', '  if [[ ! -e /var/lib/once ]]; then touch /var/lib/once; reboot; sleep 100000; fi'),
          noting('virtual_desktop', '  touch /run/stopping'),
        ],
      }),
    );
    expect((await machine.boot()).status).toBe(REBOOTED);
    // The second phase only says that the machine is going down: no verdict in that boot.
    const second = await machine.boot(
      (cutPower) =>
        void machine
          .waitFor(() => machine.exists('/var/lib/cluster-node/phases/virtual_desktop.done'))
          .then(() => setTimeout(cutPower, 500)),
    );
    expect(second.output).toContain('the node is going down');
    expect(machine.exists('/var/lib/cluster-node/result')).toBe(false);
    expect(machine.signals()).toEqual([]);
    expect((await machine.boot()).status).toBe(0);
    expect(machine.read('/var/lib/ran')).toBe('setup setup virtual_desktop ');
    expect(machine.signals()).toEqual([`SUCCESS ${INSTANCE_ID}`]);
  });

  test.concurrent.each([
    ['that fails while the node goes down', '  touch /run/stopping; return 1'],
    ['that fails while logind holds the shutdown back', '  touch /run/shutdown-delayed; return 1'],
  ])('a phase %s has not failed', async (_, body) => {
    const machine = await Machine.start(
      renderNode({ phases: [noting('setup', `  if [[ ! -e /var/lib/once ]]; then touch /var/lib/once\n${body}; fi`)] }),
    );
    const first = await machine.boot(
      (cutPower) => void machine.waitFor(() => machine.exists('/var/lib/cluster-node/spent-seconds')).then(() => setTimeout(cutPower, 500)),
    );
    expect(first.output).toContain('the node is going down');
    expect((await machine.boot()).status).toBe(0);
    expect(machine.signals()).toEqual([`SUCCESS ${INSTANCE_ID}`]);
  });

  test.concurrent('an image made from a node starts anew', async () => {
    const machine = await Machine.start(
      renderNode({
        phases: [noting('setup'), noting('virtual_desktop', '  if [[ ! -e /var/lib/image ]]; then touch /var/lib/image; sleep 100000; fi')],
      }),
    );
    await machine.boot((cutPower) => void machine.waitFor(() => machine.exists('/var/lib/image')).then(cutPower));
    machine.write('/var/lib/cluster-node/gpu', 'nvidia\n');
    machine.write('/etc/cluster-node/dcv-session', 'session_owner=maria\n');
    machine.write('/var/lib/cluster-node/owner-password', 'maria\nher-password\n$6$her$hash\n');
    machine.write('/etc/passwd', `${fs.readFileSync('/etc/passwd', 'utf8')}maria:x:5001:100::/home/maria:/bin/bash\n`);
    machine.write('/etc/shadow', `${fs.readFileSync('/etc/shadow', 'utf8')}maria:$6$her$hash:20000:0:99999:7:::\n`);
    ['pem', 'key'].forEach((name) => machine.write(`/etc/dcv/dcv.${name}`, 'of the image'));
    expect(machine.read('/var/lib/machine-calls')).not.toContain('dcv');
    await machine.change({ instance: instance({ 'cluster-node:SessionOwner': 'ann' }, 'i-0fedcba9876543210') });
    // The unit of the image starts before cloud-init runs the user data of the new instance.
    expect((await machine.boot()).status).toBe(0);
    expect([machine.read('/var/lib/ran'), machine.signals()]).toEqual(['setup virtual_desktop ', []]);
    machine.forgetUserDataRan();
    expect((await machine.boot()).status).toBe(0);
    expect(machine.read('/var/lib/ran')).toBe('setup virtual_desktop setup virtual_desktop ');
    expect(machine.signals()).toEqual(['SUCCESS i-0fedcba9876543210']);
    expect(machine.exists('/var/lib/cluster-node/gpu')).toBe(false);
    // The desktop of the image is not that of this owner.
    expect(machine.exists('/etc/cluster-node/dcv-session')).toBe(false);
    expect(machine.exists('/var/lib/cluster-node/owner-password')).toBe(false);
    expect(['pem', 'key'].filter((name) => machine.exists(`/etc/dcv/dcv.${name}`))).toEqual([]);
    expect(machine.read('/etc/shadow')).toContain('maria:!$6$her$hash:');
    for (const unit of ['cluster-node-dcv-session.service', 'dcvserver.service']) {
      expect(machine.read('/var/lib/machine-calls')).toContain(`systemctl --quiet disable ${unit}\nsystemctl --no-block stop ${unit}\n`);
    }
    expect(machine.read('/var/lib/cluster-node/reboots')).toMatch(/^0 /);
    // Whose clients know it by then.
    machine.write('/etc/dcv/dcv.pem', 'its own');
    machine.forgetUserDataRan();
    expect((await machine.boot()).status).toBe(0);
    expect(machine.read('/etc/dcv/dcv.pem')).toBe('its own');
    // And an image of a node that had finished.
    await machine.change({ instance: instance({}, 'i-0aaaaaaaaaaaaaaaa') });
    machine.forgetUserDataRan();
    expect((await machine.boot()).status).toBe(0);
    expect(machine.signals()).toEqual(['SUCCESS i-0fedcba9876543210', 'SUCCESS i-0aaaaaaaaaaaaaaaa']);
  });

  test.concurrent('stage 0 does not start beside another one', async () => {
    const again =
      '  echo first >/run/cluster-node/stage0-errors; bash /var/lib/cluster-node/stage0 resume\n' +
      '  (bash /var/lib/cluster-node/stage0; touch /var/lib/waited) &\n' +
      '  cp /run/cluster-node/stage0-errors /var/lib/errors';
    const node = renderNode({ phases: [noting('setup', again), noting('virtual_desktop', '  /usr/bin/sleep 1000 &')] });
    // What a phase left in the background does not keep the next one out.
    const machine = await Machine.start({
      ...node,
      userData: `#!/bin/bash
(
${node.userData}
)
[[ -z \${CLUSTER_NODE_PHASE-} ]] || exit 0
until [[ -e /var/lib/waited ]]; do /usr/bin/sleep 0.1; done
flock -n /run/cluster-node/lock touch /var/lib/lock-is-free || true
`,
    });
    await machine.run();
    expect(machine.read('/var/lib/ran')).toBe('setup virtual_desktop ');
    expect(machine.signals()).toHaveLength(1);
    expect(machine.callsOf('s3:GetObject')).toHaveLength(1);
    expect(machine.exists('/var/lib/lock-is-free')).toBe(true);
    expect(machine.read('/var/lib/errors')).toBe('first\n');
  });

  test.concurrent('nothing is needed of a disk that forbids to execute, and added commands that fail leave the node ready', async () => {
    const machine = await Machine.start(renderNode({ commands: 'echo added >>/var/lib/added\n(exit 5)' }));
    machine.mounts(
      'for part in var/lib/cluster-node opt; do mkdir -p "$root/$part"; mount -t tmpfs -o noexec tmpfs "$root/$part"; done; mount -o remount,noexec "$root/tmp"; mount -o remount,noexec "$root/run"',
    );
    expect((await machine.run()).map(({ status }) => status)).toEqual([0]);
    expect(machine.read('/var/lib/added')).toBe('added\n');
    expect(machine.signals()).toEqual([`SUCCESS ${INSTANCE_ID}`]);
  });
});

describeOnMachine('logs on the shared file system', () => {
  const folder = `/apps/cluster-1/cluster_node_bootstrap/logs/dcv_node/${INSTANCE_ID}`;
  const context = { '/configuration/AppsPath': '/apps' };
  // The share outlives the boot.
  const mount = 'mkdir -p "$folder/share" "$root/apps"; mount --bind "$folder/share" "$root/apps"';

  test.concurrent.each([
    ['', 'SUCCESS'],
    ['  fail "no luck"', 'FAILURE'],
  ])('are there before the signal, whatever it says%s', async (body, kind) => {
    const machine = await Machine.start(renderNode({ context, phases: [noting('setup', body)] }));
    machine.mounts(mount);
    await machine.run();
    expect(
      machine
        .share()
        .map((file) => file.slice(folder.length - '/apps'.length + 1))
        .sort(),
    ).toEqual(['runner.log', 'setup.log']);
    expect(machine.readShare(`${folder.slice('/apps'.length)}/runner.log`)).toContain('verdict:');
    expect(machine.readShare(`${folder.slice('/apps'.length)}/runner.log`)).not.toContain('signal');
    // They name the session. Neither here nor there another user reads them.
    expect(machine.mode('/var/log/cluster-node')).toBe('700');
    expect(['runner.log', 'setup.log'].map((file) => machine.mode(`../share${folder.slice('/apps'.length)}/${file}`))).toEqual([
      '600',
      '600',
    ]);
    expect(machine.signals()[0]).toContain(kind);
  });

  test.concurrent('are no reason to wait or to fail when nothing is mounted, or the server hangs', async () => {
    const machine = await Machine.start(renderNode({ context }));
    const [boot] = await machine.run();
    expect(boot).toMatchObject({ status: 0, output: expect.stringContaining('logs were not copied: /apps is not mounted') as string });

    const hanging = await Machine.start(
      renderNode({ context, edit: (_, text) => text.replace('LOG_COPY_SECONDS=60', 'LOG_COPY_SECONDS=1') }),
    );
    hanging.mounts(
      `${mount}\nprintf '#!/bin/bash\\nexec /usr/bin/sleep 1000\\n' >"$root/usr/local/sbin/cp-slow"; chmod +x "$root/usr/local/sbin/cp-slow"; ln -sf cp-slow "$root/usr/local/sbin/mountpoint"`,
    );
    const [slow] = await hanging.run();
    expect(slow).toMatchObject({ status: 0, output: expect.stringContaining('logs were not copied: not done after 1 s') as string });
    expect(hanging.signals()).toEqual([`SUCCESS ${INSTANCE_ID}`]);
  });
});
