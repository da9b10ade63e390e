import { describeOnMachine, INSTANCE_ID, Machine, REBOOTED, renderNode } from './machine';

jest.setTimeout(300_000);
afterAll(() => Machine.stopAll());

/** Same numbers for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

const PHASES = ['setup', 'virtual_desktop', 'setup_user_customization'].map((name) => ({
  name,
  body: `  printf '%s ' ${name} >>/var/lib/ran\n  /usr/bin/sleep 0.2${name === 'setup' ? '\n  request_reboot again' : ''}`,
}));

describeOnMachine('a power cut', () => {
  test.concurrent.each([1, 2, 3, 4])('at any moment resumes to one verdict (seed %d)', async (seed) => {
    const next = random(seed);
    const machine = await Machine.start(renderNode({ phases: PHASES, context: { '/bootstrap/MaxReboots': 100 } }));
    // How long a boot takes here and now; the disk is wiped afterwards.
    let cuts = 0;
    let status = REBOOTED;
    for (let boots = 0; status !== 0 && boots < 60; boots++) {
      const cutAfter = cuts < 6 ? next() * 4000 : undefined;
      const boot = await machine.boot((cutPower) => {
        if (cutAfter !== undefined) {
          setTimeout(cutPower, cutAfter);
        }
      });
      if (boot.status === 137) {
        cuts++;
        // cloud-init runs the UserData again when its own note of it did not reach the disk.
        if (!machine.exists('/etc/systemd/system/multi-user.target.wants/cluster-node.service') || next() < 0.3) {
          machine.forgetUserDataRan();
        }
      }
      status = boot.status;
    }
    expect({ status, result: machine.read('/var/lib/cluster-node/result'), logs: machine.logs() }).toMatchObject({
      status: 0,
      result: 'ready\n',
    });
    // In order, each again at most after a cut.
    const ran = machine.read('/var/lib/ran').trim().split(' ');
    expect(ran.filter((name, index) => name !== ran[index - 1])).toEqual(PHASES.map(({ name }) => name));
    expect(ran.length).toBeLessThanOrEqual(PHASES.length + cuts);
    expect([...new Set(machine.signals())]).toEqual([`SUCCESS ${INSTANCE_ID}`]);
    // Only a cut between the answer of CloudFormation and its note sends the signal once more.
    expect(machine.signals().length).toBeLessThanOrEqual(1 + cuts);
    expect((await machine.boot()).output).toContain('nothing to start');
  });

  // Where the program is stopped, and what may have happened once more.
  test.concurrent.each<[string, string, number]>([
    ['before the verdict is kept', 'keep_verdict "${verdict}"', 1],
    ['before the tags', 'set_tags "${verdict}"', 1],
    ['before the signal', 'send_signal "${verdict}"', 1],
    ['after the signal, before its note', 'touch "${VOLATILE}/signalled" "${STATE}/signalled"', 2],
    ['after the note of the signal', 'mv -f -- "${STATE}/verdict" "${STATE}/result"', 1],
    ['before the unit is disabled', 'systemctl --quiet disable cluster-node.service', 1],
  ])('%s repeats the verdict and nothing else', async (_, line, signals) => {
    for (const [body, status, verdict] of [
      ['', 0, 'ready'],
      ['  fail "no luck $(date +%N)"', 1, 'failed'],
    ] as const) {
      const stop = 'if [[ ! -e /var/lib/cut ]]; then touch /var/lib/cut; /usr/bin/sleep 1000; fi; ';
      const node = renderNode({
        phases: [{ name: 'setup', body: `  printf 'setup ' >>/var/lib/ran\n${body}` }],
        edit: (_file, text) =>
          text
            .replace(`\n  ${line}`, (found) => `\n  ${stop}${found.trim()}`)
            .replace(`\n    ${line}`, (found) => `\n    ${stop}${found.trim()}`),
      });
      const machine = await Machine.start(node);
      await machine.boot((cutPower) => void machine.waitFor(() => machine.exists('/var/lib/cut')).then(cutPower));
      const again = await machine.boot();
      if (line.startsWith('systemctl')) {
        // The result is there: the unit's condition keeps it from starting.
        expect(again.output).toContain('nothing to start');
      } else {
        expect(again.status).toBe(status);
      }
      expect(machine.read('/var/lib/cluster-node/result')).toContain(verdict);
      expect(machine.signals()).toHaveLength(signals);
      expect(new Set(machine.signals()).size).toBe(1);
      if (line.startsWith('keep')) {
        continue;
      }
      expect(machine.read('/var/lib/ran')).toBe('setup ');
    }
  });
});
