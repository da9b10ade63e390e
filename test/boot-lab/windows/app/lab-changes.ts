import type { Change } from '../../mutants/mutant';

/**
 * What the lab changes in the scripts, each text once there: what .NET Framework alone has, and what Wine keeps nothing of.
 * Everything else runs byte for byte as it is shipped.
 */
export const LAB_CHANGES: readonly Change[] = [
  {
    template: 'templates/windows/admin_folder.ps.j2',
    from: '[void][IO.Directory]::CreateDirectory($Path, $Acl)',
    to: 'New-LabFolder -Path $Path -Acl $Acl',
  },
  {
    template: 'templates/windows/dcv/session_storage.ps.j2',
    from: '[void][IO.Directory]::CreateDirectory($Folder, $Acl)',
    to: 'New-LabFolder -Path $Folder -Acl $Acl',
  },
  {
    template: 'templates/windows/dcv/session_storage.ps.j2',
    from: '[IO.Directory]::SetAccessControl($Folder, $Acl)',
    to: 'Set-Acl -Path $Folder -AclObject $Acl',
  },
  // The service of the lab listens, and says nothing.
  {
    template: 'templates/windows/dcv/readiness.ps.j2',
    from: "$Stream.AuthenticateAsClient('localhost', $null, [Security.Authentication.SslProtocols]::Tls12, $false)",
    to: '[void]$Stream',
  },
  { template: 'templates/windows/lsa_secret.ps.j2', from: "-Library 'advapi32.dll'", to: "-Library 'lablsa.dll'" },
];
