import { mutant, type Mutant } from './mutant';

const CERTIFICATE = 'templates/linux/dcv/certificate.sh.j2';
const CONFIGURATION = 'templates/linux/dcv/configuration.sh.j2';
const PERMISSIONS = 'templates/linux/dcv/permissions.sh.j2';
const OPTIONS = 'dcv-options/deb-desktop';

export const DCV_MUTANTS: readonly Mutant[] = [
  mutant(
    'dcv-default-permissions-of-the-package',
    CONFIGURATION,
    '[session-management/defaults]\npermissions-file="/etc/dcv/cluster-node.perm"\n',
    '[session-management/defaults]\n',
    OPTIONS,
    /^default permissions of the server: /,
  ),
  mutant('dcv-denies-nothing', PERMISSIONS, '%any% deny', '%any% disallow', OPTIONS, /^permissions of the session: .*disallow/),
  mutant(
    'dcv-collaborators-alone',
    PERMISSIONS,
    'printf \'%s allow %s\\n%s deny unsupervised-access\\n\' "$2" "$3" "$2"',
    'printf \'%s allow %s\\n\' "$2" "$3"',
    OPTIONS,
    /^permissions of the session: /,
  ),
  mutant('dcv-quic-always-on', CONFIGURATION, 'enable-quic-frontend=false', 'enable-quic-frontend=true', OPTIONS, /^QUIC: /),
  mutant(
    'dcv-key-for-everybody',
    CERTIFICATE,
    'write_file /etc/dcv/dcv.key 0600',
    'write_file /etc/dcv/dcv.key 0644',
    OPTIONS,
    /^\[no secret exposed\] secret line of the private key is in \/etc\/dcv\/dcv.key, which others may read/,
  ),
  mutant(
    'dcv-key-as-an-argument',
    CERTIFICATE,
    'key="$(printf %s "${content}"',
    'key="$(env printf %s "${content}"',
    OPTIONS,
    /^\[no secret exposed\] secret line of the private key was in an argument/,
  ),
  mutant(
    'dcv-key-of-root',
    CERTIFICATE,
    '  chown dcv /etc/dcv/dcv.pem /etc/dcv/dcv.key\n',
    '',
    OPTIONS,
    /^owner and mode of certificate and key: /,
  ),
  {
    ...mutant(
      'dcv-key-checked-when-it-is-there',
      CERTIFICATE,
      '  check_dcv_key "${certificates}" "${key}"\n',
      '',
      'dcv-certificate-of-another/deb-desktop',
      /^the key was written/,
    ),
    changes: [
      { template: CERTIFICATE, from: '  check_dcv_key "${certificates}" "${key}"\n', to: '' },
      {
        template: CERTIFICATE,
        from: '  chown dcv /etc/dcv/dcv.pem /etc/dcv/dcv.key\n',
        to: '  chown dcv /etc/dcv/dcv.pem /etc/dcv/dcv.key\n  check_dcv_key "${certificates}" "${key}"\n',
      },
    ],
  },
  mutant(
    'dcv-server-without-printers',
    'templates/linux/dcv/client_devices.sh.j2',
    '  let_dcv_manage_printers\n',
    '',
    OPTIONS,
    /^groups of the server: /,
  ),
  mutant(
    'dcv-moved-without-a-remedy',
    'templates/linux/download.sh.j2',
    'attempt ${attempt}${remedy:+; ${remedy}}"',
    'attempt ${attempt}"',
    'dcv-address-moved/rpm-desktop',
    /^reason tag: /,
  ),
];
