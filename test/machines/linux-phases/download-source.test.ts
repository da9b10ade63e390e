import { REGION } from '../surroundings';
import { desktopMachine, runOn } from './desktop-machine';
import { describeOnMachine, failureOf, Machine } from './machine';

const FILE = 'dcv/nice-dcv-2025.0-20103-amzn2023-x86_64.tgz';

/** A machine whose DCV comes from a bucket; nothing else would answer. */
function mirrored(url: string): Machine {
  return desktopMachine().value('VALUE_SYSTEM_DCV_URL', url);
}

afterAll(() => Machine.removeAll());

describeOnMachine('the archive of the DCV server', () => {
  test.each([`s3://mirror-of-lab/${FILE}`, `s3://mirror-of-lab/${FILE}?region=${REGION}`])(
    'comes from %s with the role of the node',
    async (url) => {
      const machine = mirrored(url);
      machine.object('mirror-of-lab', FILE, machine.path('/var/lib/machine/download'));
      const outcome = await runOn(machine);
      expect(failureOf(outcome)).toBe('');
      expect(outcome.calls).toContainEqual(['aws', 's3', 'GetObject', 'bucket=mirror-of-lab', `key=${FILE}`]);
      expect(outcome.calls.filter(([command]) => command === 'curl').flat()).not.toContain(url);
    },
  );

  test('of another Region is looked for there', async () => {
    const outcome = await runOn(mirrored(`s3://mirror-of-lab/${FILE}?region=ap-south-2`));
    expect(outcome.reason).toContain('https://s3.ap-south-2.amazonaws.com/mirror-of-lab/');
  });

  test('of another Region that the app did not know is told at once', async () => {
    const machine = mirrored(`s3://mirror-of-lab/${FILE}`);
    machine.object('mirror-of-lab', FILE, machine.path('/var/lib/machine/download'));
    machine.fault({ on: 's3:GetObject', effect: { kind: 'error', status: 301, code: 'PermanentRedirect', message: 'use the endpoint' } });
    const outcome = await runOn(machine);
    expect(outcome.reason).toMatch(/HTTP 301 .*; expected the Region of the bucket, which has to be known to the app$/);
    expect(outcome.calls.filter(([, service]) => service === 's3')).toHaveLength(1);
  });

  test("is checked as the vendor's is", async () => {
    const machine = mirrored(`s3://mirror-of-lab/${FILE}`).write('/var/lib/machine/other', 'another archive');
    machine.object('mirror-of-lab', FILE, machine.path('/var/lib/machine/other'));
    const outcome = await runOn(machine);
    expect(outcome.reason).toMatch(/^s3:\/\/mirror-of-lab\/.*: sha256 expected [0-9a-f]{64}, got [0-9a-f]{64}$/);
  });

  test('that is not in the bucket is told, with what to do', async () => {
    const machine = mirrored(`s3://mirror-of-lab/${FILE}`).object('mirror-of-lab', FILE);
    const outcome = await runOn(machine);
    expect(outcome.reason).toMatch(
      /^cannot download s3:.*HTTP 404 .*; expected a file of this name there, that the role of the node may read$/,
    );
  });

  test('that a web server does not have is told, with what to do', async () => {
    const machine = desktopMachine().write(
      '/usr/local/sbin/curl',
      '#!/bin/bash\nif [[ ${@: -1} == http://169.254.169.254/* ]]; then exec /usr/bin/curl "$@"; fi\nprintf 404\nexit 22\n',
      0o755,
    );
    const outcome = await runOn(machine);
    expect(outcome.reason).toBe(
      'cannot download https://dcv.example.com/dcv.tgz: curl status 22, HTTP 404, attempt 1; name a place that has it in dcvSource',
    );
  });
});
