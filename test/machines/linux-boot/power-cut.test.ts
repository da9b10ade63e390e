import { describeOnMachine, Machine, renderNode } from './machine';

jest.setTimeout(300_000);
afterAll(() => Machine.stopAll());

describeOnMachine('a power cut', () => {
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
      expect(again.status).toBe(status);
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
