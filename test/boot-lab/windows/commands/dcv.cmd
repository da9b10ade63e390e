@echo off
rem dcv list-sessions: the console session, of the owner that the registry names, while the server runs.
sc query dcvserver | find "RUNNING" >NUL
if errorlevel 1 goto down
if "%~1"=="get-screenshot" exit /b 1
set owner=
for /f "tokens=2,*" %%a in ('reg query "HKU\S-1-5-18\Software\GSettings\com\nicesoftware\dcv\session-management\automatic-console-session" /v owner 2^>NUL ^| find "owner"') do set owner=%%b
if "%owner%"=="" exit /b 0
echo Session: 'console' (owner:%owner% type:console)
exit /b 0

:down
echo Could not connect to the DCV server 1>&2
exit /b 1
