import { ProcessNotes } from './machine/process-notes';

const START = 'start 1000 48 C:\\powershell.exe -File C:\\ProgramData\\ClusterNode\\bootstrap\\step.ps1 setup.ps1';

describe('what processes of PowerShell note', () => {
  test.each([
    ['one that ended well', ['end 2000 48 0'], { end: 2000, exitCode: 0, left: false }],
    ['one that left by itself', ['left 2000 48 0'], { end: 2000, exitCode: 0, left: true }],
    ['one that was ended', [], { end: undefined, exitCode: undefined, left: false }],
  ])('%s', (_, lines, expected) => {
    const [process] = new ProcessNotes(() => [START, ...lines].join('\n')).all;
    expect(process).toMatchObject({ id: 48, start: 1000, ...expected });
  });

  test('an id that is used again is of the last process that has it', () => {
    const notes = new ProcessNotes(() => [START, START.replace('1000', '3000'), 'end 4000 48 1'].join('\n'));
    expect(notes.all.map(({ exitCode }) => exitCode)).toEqual([undefined, 1]);
  });

  test('a script runs while its process has not ended', () => {
    const running = (...lines: string[]): number | undefined => new ProcessNotes(() => lines.join('\n')).running('setup.ps1')?.start;
    expect([running(START), running(START, 'end 2000 48 0'), running()]).toEqual([1000, undefined, undefined]);
  });
});
