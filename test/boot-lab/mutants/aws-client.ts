import { AWS_CLIENT, mutant, type Mutant } from './mutant';

export const CLIENT_MUTANTS: readonly Mutant[] = [
  mutant(
    'second-token',
    AWS_CLIENT,
    'TOKEN_FILE = "/run/cluster-node/token"',
    'TOKEN_FILE = "/run/cluster-node/token2"',
    'plain-boot/rpm-login',
    /^\[one token a boot\] boot 1 asked for 2/,
  ),
  mutant(
    'session-token-not-signed',
    AWS_CLIENT,
    '    names = sorted(headers)\n',
    '    names = sorted(name for name in headers if name != "x-amz-security-token")\n',
    'plain-boot/rpm-login',
    /^\[no refused call\] .*InvalidSignatureException/,
  ),
  mutant(
    'throttling-is-final',
    AWS_CLIENT,
    'and not THROTTLING.search(message)',
    '',
    'aws-throttles/deb-login',
    /^answers to the signal: .* got \[400,400\]$/,
  ),
];
