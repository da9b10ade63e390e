import { escapeBash } from '../../lib/templates/escaping/bash';
import { escapePowerShell } from '../../lib/templates/escaping/powershell';
import { segmentsOf } from '../unit/templates/escaping/segments-of';

const BYTES = 10_000_000;

describe('a value in bash may be 10 MB of', () => {
  test.each(['x', 'x\\y', '\\', '\n', '\t', "'", '"', '$', '`', '\u2019', '\u{1f600}'])('%j', (character) => {
    const value = character.repeat(BYTES / character.length);
    for (const [script, before, after] of [
      ['cat <<EOF\n@@\nEOF\n', 'cat <<EOF\n', '\nEOF\n'],
      ["cat <<'EOF'\n@@\nEOF\n", "cat <<'EOF'\n", '\nEOF\n'],
      ['echo "@@"', 'echo "', '"'],
      ['echo x@@', 'echo x', ''],
    ]) {
      const result = escapeBash(segmentsOf(script, value));
      expect(result.startsWith(before) && result.endsWith(after)).toBe(true);
      expect(result.length).toBeGreaterThanOrEqual(value.length);
    }
  });
});

describe('a value in PowerShell may be 10 MB of', () => {
  test.each(['x', 'x`y', '\n', '\u2019', '"', '$'])('%j', (character) => {
    const value = character.repeat(BYTES / character.length);
    for (const [script, before, after] of [
      ['$x = @"\n@@\n"@\n', '$x = @"\n', '\n"@\n'],
      ['Write-Host "@@"', 'Write-Host "', '"'],
      ["Write-Host '@@'", "Write-Host '", "'"],
      ['Write-Host @@', "Write-Host '", "'"],
    ]) {
      const result = escapePowerShell(segmentsOf(script, value));
      expect(result.startsWith(before) && result.endsWith(after)).toBe(true);
      expect(result.length).toBeGreaterThanOrEqual(script.length - 2 + value.length);
    }
  });
});
