import { NodeOsFamily } from '../lib';

/** Names of owners, and the systems that take them. */
export const OWNER_NAMES: readonly { readonly name: string; readonly takenBy: readonly NodeOsFamily[] }[] = [
  ...named(
    [NodeOsFamily.LINUX, NodeOsFamily.WINDOWS],
    [
      ...['alice', 'a', 'A', 'a.b_c-d', 'john.doe', 'John-Doe', '7a', '7-', '7_', '1.a', 'x_', 'x-', 'a..b', 'x'.repeat(20)],
      ...[
        'rooter',
        'ubuntu2',
        'Root',
        'ROOT',
        'nobody2',
        'mail.alice',
        'system.admin',
        'nullable',
        'console',
        'com',
        'com10',
        'lpt',
        'con-1',
        'systemd',
      ],
    ],
  ),
  ...named(
    [NodeOsFamily.LINUX],
    [
      ...['alice.', 'a..', '1.', 'x'.repeat(21), 'x'.repeat(32)],
      ...['Administrator', 'administrator', 'ADMINISTRATOR', 'Guest', 'system', 'SYSTEM', 'Local', 'service', 'None', 'DefaultAccount'],
      ...['nul', 'NUL', 'Con', 'con.txt', 'aux', 'prn.', 'com1', 'LPT9.x.y'],
    ],
  ),
  ...named(
    [NodeOsFamily.WINDOWS],
    [
      ...['7', '0', '1000', '4711', '1'.repeat(20)],
      ...['root', 'daemon', 'nobody', 'www-data', 'wheel', 'sudo', 'systemd-network', 'dcv', 'gdm', 'ec2-user', 'ubuntu', 'rocky'],
    ],
  ),
  ...named(
    [],
    [
      ...['', ' ', '.', '..', '_', '-', '_a', '.a', '-rf', 'a b', ' a', 'a ', 'a\n', '\na', 'a\nb', 'a\r', 'a\t'],
      ...[
        'a/b',
        'a\\b',
        'CORP\\alice',
        'alice@corp.example.com',
        'a:b',
        'a;id',
        '$(id)',
        '`id`',
        "a'b",
        'a"b',
        'a$',
        'a*',
        'a?',
        '~a',
        '+a',
      ],
      ...['ä', 'älice', 'alicé', 'ａlice', 'alice\u200b', 'ſystem', 'x'.repeat(33), '1'.repeat(33), 'users', 'proxy', '{{resolve:ssm:x}}'],
    ],
  ),
];

function named(takenBy: readonly NodeOsFamily[], names: readonly string[]) {
  return names.map((name) => ({ name, takenBy }));
}
