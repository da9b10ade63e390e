# A stand-in for the program of the CloudWatch agent of that name. It gets its arguments as texts.
$Given = "$args"
if ($Given -cnotmatch '^-a append-config -m ec2 -s -c file:(\S+\.json)$') {
  Write-Output "amazon-cloudwatch-agent-ctl.ps1: the stand-in does not know $Given"
  exit 87
}
[ClusterNodeLab.Notes]::Call("amazon-cloudwatch-agent-ctl.ps1 $Given")
[void](ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($Matches[1])))
$Folder = 'C:\ProgramData\Amazon\AmazonCloudWatchAgent\Configs'
[void][IO.Directory]::CreateDirectory($Folder)
[IO.File]::Copy($Matches[1], (Join-Path $Folder ('file_' + [IO.Path]::GetFileName($Matches[1]))), $true)
Restart-Service -Name 'AmazonCloudWatchAgent'
