import type { WindowsLab } from './lab';
import { plainOrder, STEPS, windowsScenario, WindowsScenario } from './scenario';

/** All but the last look, which is part of no phase. */
const steps = STEPS.filter((step) => step !== 'virtual_desktop.check');

/** Every step is ended from outside once, and leaves the exit code that whoever ended it chose. */
export function stepsEnded(exitCode: number, words: string): WindowsScenario {
  return windowsScenario({
    summary: `every step is ended from outside once, with exit code ${words}: each is repeated, to ready`,
    verdict: 'ready',
    withinSeconds: 240,
    play: async (lab) => {
      for (const step of steps) lab.machine.hold(step);
      lab.meanwhile(async () => {
        for (const step of steps) await lab.endHeld(step, exitCode);
      });
      await lab.machine.run();
    },
    expect: (seen, check) => {
      const twice = steps.map((step) => `${step}@1!ended ${step}@1`);
      check.equal(seen.order, `${twice.join(' ')} virtual_desktop.check@1`, 'steps');
    },
  });
}

/** Runs the machine; something happens when the installer has been called, which comes to `outcome`. */
export async function duringInstallation(lab: WindowsLab, outcome: string, happens: () => Promise<void> | void): Promise<void> {
  lab.machine.fault('msiexec', outcome);
  lab.meanwhile(async () => {
    await lab.untilCalled('msiexec.exe');
    await happens();
  });
  await lab.machine.run();
}

/** The runner is ended from outside once, while a phase is at work. */
export function runnerEnded(exitCode: number): WindowsScenario {
  return windowsScenario({
    summary: `the runner is ended from outside with exit code ${exitCode} while a phase is at work: it starts again, and the phase too`,
    verdict: 'ready',
    withinSeconds: 180,
    play: async (lab) => duringInstallation(lab, 'hang', async () => lab.machine.end('runner', exitCode)),
    expect: (seen, check) => {
      check.equal(seen.log('runner').match(/attempt \d of \d/g), null, 'attempts that the orphan has cost');
      check.equal(
        seen.order,
        plainOrder().replace('virtual_desktop.install@1', 'virtual_desktop.install@1!ended virtual_desktop.install@1'),
        'steps',
      );
      check.equal(seen.boots.length, 1, 'boots');
      check.equal(seen.runners.filter((runner) => runner.end === undefined).length, 1, 'runners that were ended');
    },
  });
}
