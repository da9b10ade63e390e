import { execFileSync } from 'node:child_process';
import * as path from 'node:path';

const PROGRAMS = path.join(__dirname, 'image', 'desktop', 'usr', 'lib', 'boot-lab', 'desktop');

/** Features that the DCV server's stand-in grants a user, whose session is ada's. */
function granted(text: string, user: string): string[] {
  const program = 'import permissions, sys; print(*sorted(permissions.granted(sys.stdin.read(), sys.argv[1], "ada")))';
  const options = { cwd: PROGRAMS, input: text, encoding: 'utf8' as const, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } };
  const output = execFileSync('python3', ['-c', program, user], { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  return output.split(/\s+/).filter((feature) => feature !== '');
}

describe('permissions files of the DCV server of a real desktop', () => {
  test.each([
    ['nobody', '[permissions]\n', 'ada', []],
    ['the owner', '[permissions]\n%owner% allow display usb\n', 'ada', ['display', 'usb']],
    ['somebody else', '[permissions]\n%owner% allow display\n', 'bob', []],
    ['a later rule', '[permissions]\n%any% allow display usb\n%any% disallow usb\nada allow usb\n', 'ada', ['display', 'usb']],
    ['a denial', '[permissions]\n%any% deny usb\n%owner% allow display usb\n', 'ada', ['display']],
    [
      'groups and aliases',
      '[groups]\nguests=bob, eve\n[aliases]\nsee=display\n[permissions]\ngroup:guests allow see\n',
      'eve',
      ['display'],
    ],
  ])('%s', (_, text, user, features) => {
    expect(granted(text, user)).toEqual(features);
  });

  test('builtin is everything, and what is no such file is an error', () => {
    expect(granted('[permissions]\n%owner% allow builtin\n', 'ada')).toEqual(expect.arrayContaining(['display', 'printer', 'usb']));
    expect(() => granted('[permissions]\n%owner% allow displays\n', 'ada')).toThrow(/no feature displays/);
    expect(() => granted('[permissions]\n%owner% display\n', 'ada')).toThrow(/permissions file/);
  });
});
