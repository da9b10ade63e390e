@echo off
set key=HKLM\SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\X64
reg add "%key%" /v Installed /t REG_DWORD /d 1 /f >NUL
reg add "%key%" /v Major /t REG_DWORD /d 14 /f >NUL
reg add "%key%" /v Minor /t REG_DWORD /d 44 /f >NUL
exit /b 0
