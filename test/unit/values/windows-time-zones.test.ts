import { windowsTimeZone } from '../../../lib/values/windows-time-zones';

test.each([
  ['Europe/Berlin', 'W. Europe Standard Time'],
  ['Asia/Kolkata', 'India Standard Time'],
  ['Asia/Calcutta', 'India Standard Time'],
  ['Europe/Kyiv', 'FLE Standard Time'],
  ['UTC', 'UTC'],
  ['Etc/UTC', 'UTC'],
  ['W. Europe Standard Time', 'W. Europe Standard Time'],
  ['${Token[TOKEN.1]}', '${Token[TOKEN.1]}'],
])('%s is %s on Windows', (name, windows) => {
  expect(windowsTimeZone(name)).toBe(windows);
});

test('every time zone of this Node.js has a name on Windows, but for one that CLDR has none for', () => {
  const unknown = Intl.supportedValuesOf('timeZone').filter((name) => windowsTimeZone(name) === name && name !== 'UTC');
  expect(unknown).toEqual(['Antarctica/Troll']);
});
