@echo off
rem Packages of the lab begin with a line that says what they are: "dcv-server 2024.0.19030".
setlocal enabledelayedexpansion
set action=%~1
set package=%~2
if "%action%"=="/x" goto remove
if not exist "%package%" exit /b 1619
set /p kind=<"%package%"
for /f "tokens=1,2" %%a in ("%kind%") do (
  if "%%a"=="dcv-server" goto dcv
  if "%%a"=="aws-cli" goto cli
  if "%%a"=="cloudwatch-agent" goto agent
)
exit /b 1620

:dcv
set folder=C:\Program Files\NICE\DCV\Server
mkdir "%folder%\bin" 2>NUL
mkdir "%folder%\conf" 2>NUL
copy /y C:\lab\standin.exe "%folder%\bin\dcv.exe" >NUL
if not exist "%folder%\bin\dcv.exe" exit /b 1603
for /f "tokens=2" %%v in ("%kind%") do set version=%%v
reg add "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{11111111-1111-1111-1111-111111111111}" /v DisplayName /d "NICE DCV Server" /f >NUL
reg add "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{11111111-1111-1111-1111-111111111111}" /v DisplayVersion /d "%version%" /f >NUL
rem The package opens the port by itself.
mkdir C:\lab\state\firewall 2>NUL
echo { "Name": "dcv-of-package", "DisplayName": "NICE DCV Server (In)", "Direction": "Inbound", "Action": "Allow", "Enabled": "True", "Group": "", "Protocol": "TCP", "LocalPort": "8443" }>C:\lab\state\firewall\dcv-of-package.json
sc create dcvserver binPath= "C:\lab\service.exe dcvserver 8443" start= demand >NUL
exit /b 0

:cli
mkdir "C:\Program Files\Amazon\AWSCLIV2" 2>NUL
copy /y C:\lab\standin.exe "C:\Program Files\Amazon\AWSCLIV2\aws.exe" >NUL
if not exist "C:\Program Files\Amazon\AWSCLIV2\aws.exe" exit /b 1603
exit /b 0

:agent
set folder=C:\Program Files\Amazon\AmazonCloudWatchAgent
mkdir "%folder%" 2>NUL
copy /y C:\lab\programs\amazon-cloudwatch-agent-ctl.ps1 "%folder%" >NUL
for /f "tokens=2" %%v in ("%kind%") do echo %%v>"%folder%\CWAGENT_VERSION"
if not exist "%folder%\CWAGENT_VERSION" exit /b 1603
sc create AmazonCloudWatchAgent binPath= "C:\lab\service.exe AmazonCloudWatchAgent" start= auto >NUL
exit /b 0

:remove
reg query "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\%package%" >NUL 2>NUL
if errorlevel 1 exit /b 1605
reg delete "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\%package%" /f >NUL
del "C:\Program Files\NICE\DCV\Server\bin\dcv.exe"
sc delete dcvserver >NUL
exit /b 0
