import type { ChildProcess } from 'node:child_process';
import type { WindowsMachine } from './windows-machine';

const SCRIPT = 'C:\\Windows\\Temp\\EC2Launch\\UserScript.ps1';

/** What EC2Launch does with user data: runs its script at the first boot of an instance, with `<persist>` at each. */
export class Ec2Launch {
  private running: ChildProcess | undefined;
  private launched = '';

  public constructor(
    private readonly machine: WindowsMachine,
    private readonly userData: () => { readonly instance: string; readonly text: string },
  ) {}

  public get isBusy(): boolean {
    return this.running !== undefined;
  }

  public boot(number: number): void {
    const { instance, text } = this.userData();
    const script = /<powershell>([^]*)<\/powershell>/.exec(text)?.[1];
    if (script === undefined) throw new Error('the user data has no PowerShell script');
    const isDue = instance !== this.launched || /<persist>\s*true\s*<\/persist>/.test(text);
    this.launched = instance;
    if (!isDue) return;
    this.machine.write(SCRIPT, script.trim());
    const started = this.machine.start(`ec2launch-${number}`, ['-NoProfile', '-ExecutionPolicy', 'Unrestricted', '-File', SCRIPT]);
    this.running = started;
    started.once('exit', () => {
      if (this.running === started) this.running = undefined;
    });
  }

  public halt(): void {
    this.running = undefined;
  }
}
