/** Short options of curl that take a value, which may follow without a space. */
const CURL_VALUES = 'AbcCdDeEFhHKmoPQrtTuUwxXyYz';

const LONG: readonly (readonly [RegExp, RegExp])[] = [
  [/^curl$/, /^--(proxy-|doh-)?insecure$/],
  [/^wget$/, /^--no-check-certificate$/],
  [/^(dnf|dnf-3|yum|microdnf)$/, /^--no-?gpgchecks?$|^--no-gpg-checks?$|(sslverify|gpgcheck)\s*=\s*(0|false|no|off)\b/i],
  [/^rpm(keys)?$/, /^--no(signature|digest|verify)$|^--nogpg$/],
  [
    /^apt(-get)?$/,
    /^--(allow-unauthenticated|force-yes|allow-insecure-repositories)$|(AllowUnauthenticated|AllowInsecureRepositories)[= ]*"?(1|true|yes)|Verify-(Peer|Host)[= ]*"?(0|false|no)|^--(no-check-valid-until)$/i,
  ],
  [/^python[\d.]*$/, /_create_unverified_context|CERT_NONE/],
];

/** The argument by which a program is told not to check where something comes from; undefined when there is none. */
export function switchedOff(args: readonly string[]): string | undefined {
  const [path = '', ...options] = args;
  const program = path.split('/').pop() ?? '';
  // Package managers are scripts themselves.
  const script = /^python[\d.]*$/.test(program)
    ? (options
        .find((option) => !option.startsWith('-'))
        ?.split('/')
        .pop() ?? '')
    : '';
  for (const [name, off] of LONG)
    if (name.test(program) || name.test(script)) {
      const found = options.find((option) => off.test(option));
      if (found !== undefined) return found;
    }
  return program === 'curl' ? insecureCurlOption(options) : undefined;
}

/** Walks through bundles such as `-ksSm99`, and leaves the values of options alone. */
function insecureCurlOption(options: readonly string[]): string | undefined {
  for (let index = 0; index < options.length; index++) {
    const option = options[index];
    if (!/^-[^-]/.test(option)) continue;
    const letters = [...option.slice(1)];
    const value = letters.findIndex((letter) => CURL_VALUES.includes(letter));
    const flags = value === -1 ? letters : letters.slice(0, value);
    if (flags.includes('k')) return option;
    // Its value is the next argument.
    if (value === letters.length - 1) index += 1;
  }
  return undefined;
}
