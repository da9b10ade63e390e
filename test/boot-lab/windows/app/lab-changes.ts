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
  { template: 'templates/windows/lsa_secret.ps.j2', from: "-Library 'advapi32.dll'", to: "-Library 'lablsa.dll'" },
];
