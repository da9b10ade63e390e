import * as fs from 'fs';
import * as path from 'path';
import { DOWNLOAD_SETTINGS } from '../lib/bootstrap/download-settings';
import { CONTEXT_KEYS } from '../lib/values/context-keys';
import { FIXED_KEYS } from '../lib/values/fixed-keys';

const FILE = path.join(__dirname, '..', 'docs', 'context-keys.md');

/** The table of context keys, as docs/context-keys.md has it. */
export function contextKeysDocument(): string {
  const rows = Object.entries(CONTEXT_KEYS).map(
    ([key, { type, kind, meaning }]) => `| \`${key}\`${key in FIXED_KEYS ? ' †' : ''} | ${type} | ${kind} | ${meaning} |`,
  );
  return [
    '# Context keys',
    '',
    'What templates can ask for with `context.get("/key")`. Generated from `lib/values/context-keys.ts` by `npm run docs`.',
    '',
    'Kind says when the value becomes known, and so what is written into the script:',
    '',
    '- **synth-time**: known when the app runs; the value itself, escaped for the place where it stands.',
    '- **deploy-time**: known to CloudFormation (a CDK token); a reference to a variable whose value UserData carries. `synth-time or deploy-time` is one or the other, as the app gives it.',
    '- **launch-time**: known when one instance is launched; a reference to a variable whose value is an instance tag.',
    '- **secret**: only the ARN can be written (`.arn`); the node fetches the value at the moment of use.',
    '',
    `In the install of a phase the download settings are variables, even where they are known at synth: ${DOWNLOAD_SETTINGS.map((key) => `\`${key}\``).join(', ')}. Values that are not known at synth do not exist there.`,
    '',
    'A key that a team gives in `configuration` (of the cluster or of a node) is declared by giving it. One of these takes the place of its default, on a cluster those under `/configuration/`, `/dcv/` and `/system/dcv/`. The library goes elsewhere too by those marked †, in rules and permissions, and in `configuration` they are an error that names the property to set.',
    '',
    '| Key | Type | Kind | Meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (require.main === module) {
  fs.writeFileSync(FILE, contextKeysDocument());
}
