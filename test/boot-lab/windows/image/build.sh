#!/bin/bash
# build.sh OUT PWSH: what all Windows machines are made of, in a folder that appears whole or not at all: `prefix`, a Wine prefix with
# the lab's own programs in C:\lab and in place of Windows's. It is run in a mount namespace of its own.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
readonly here out=$1 pwsh=$2
readonly work=$out.part
readonly programs=$here/../programs lab=$work/prefix/drive_c/lab system=$work/prefix/drive_c/windows/system32
export WINEPREFIX=$work/prefix WINEDEBUG=-all HOME=/tmp

# A Windows Server of today says that it is Windows 10.
make_prefix() {
  # Wine keeps the sockets of its server here.
  mkdir -p "/tmp/.wine-$UID"
  mount -t tmpfs -o mode=700 tmpfs "/tmp/.wine-$UID"
  WINEDLLOVERRIDES='mscoree,mshtml=' wine wineboot --init
  wine reg add 'HKCU\Software\Wine' /v Version /d win10 /f
  mkdir -p "$lab"/{faults,starts,running,lsa,services}
  cp -r "$here/state" "$lab/state"
  # The runtime of Visual C++ is in the image.
  local runtime='HKLM\SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\X64' value
  for value in Installed=1 Major=14 Minor=44; do
    wine reg add "$runtime" /v "${value%=*}" /t REG_DWORD /d "${value#*=}" /f
  done
  local service
  for service in W32Time mpssvc; do
    wine sc.exe create "$service" binPath= "C:\\lab\\service.exe $service" start= auto
  done
  wineserver --wait
}

compile() {
  local compiler=(x86_64-w64-mingw32-gcc-win32 -O2 -s -Wall -Werror) program
  for program in taskkill tar; do
    rm -f "$system/$program.exe"
    "${compiler[@]}" -municode -o "$system/$program.exe" "$programs/$program.c"
  done
  cp "$system/taskkill.exe" "$lab/end.exe"
  "${compiler[@]}" -municode -o "$lab/standin.exe" "$programs/standin.c"
  "${compiler[@]}" -municode -o "$lab/service.exe" "$programs/service.c" -lws2_32
  "${compiler[@]}" -shared -o "$system/lablsa.dll" "$programs/lsa.c"
  "$pwsh" -NoProfile -NonInteractive -Command "Add-Type -Path '$programs/lab.cs' -OutputAssembly '$lab/lab.dll'"
}

main() {
  rm -rf "$work"
  mkdir -p "$work"
  make_prefix
  compile
  mv "$work" "$out"
}

main >"$out.log" 2>&1 || {
  cat "$out.log" >&2
  exit 1
}
rm -f "$out.log"
