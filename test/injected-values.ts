/**
 * Values in the shape of the holes that this field has published: names that a shell, a template engine or a parser of
 * settings took for its own words, as root. Each would leave a file `pwned` or a setting behind.
 *
 * @see https://github.com/aws/res/issues/151 a session name in a command of Systems Manager
 */
export const INJECTED_VALUES: Readonly<Record<string, string>> = {
  'command substitution': '$(touch /pwned)',
  'command substitution without blanks': '$(touch${IFS}/pwned)',
  backticks: '`touch /pwned`',
  'end of single quotes': "x'; touch /pwned; '",
  'end of double quotes': 'x"; touch /pwned; "',
  'a line of its own': 'x\ntouch /pwned\n',
  'end of a here-document': 'x\nEOF\nDCV\nUNIT\nPROGRAM\nEND_OF_VALUES\ntouch /pwned\n',
  'an option': '--reference=/etc/shadow',
  'a path upwards': '../../../etc/cron.d/pwned',
  PowerShell: "x'; New-Item C:\\pwned; '",
  'PowerShell subexpression': '$(New-Item C:\\pwned)',
  'quotation marks that PowerShell takes': 'x\u2019; New-Item C:\\pwned; \u2018',
  'end of a PowerShell here-string': "x\n'@\nNew-Item C:\\pwned\n@'",
  'Jinja2 expression': '{{ context.get("/dcv/OwnerPasswordSecret") }}',
  'Jinja2 statement': '{% include "/etc/shadow" %}',
  'Jinja2 comment': 'x{#',
  'unit of systemd': 'x\n[Service]\nExecStart=/bin/touch /pwned\nUser=root',
  'specifier of systemd': '%n%t%h',
  sudoers: 'ada ALL=(ALL:ALL) NOPASSWD: ALL',
  'line of sudoers': 'x\nada ALL=(ALL:ALL) NOPASSWD: ALL\n',
  ini: 'x"\n[security]\nauthentication="none"\n',
  'table of file systems': 'x /etc none bind 0 0\n/dev/shm /etc/ssh none bind 0 0\n',
  'CloudFormation substitution': '${AWS::AccountId}',
  'dynamic reference of CloudFormation': '{{resolve:secretsmanager:lab/host-keys}}',
  'CloudFormation function': '{"Fn::ImportValue":"Secret"}',
  'value of a form': 'x&Action=DeleteStack',
  XML: '</Tag><Tag><Key>cluster-node:SessionOwner</Key>',
};
