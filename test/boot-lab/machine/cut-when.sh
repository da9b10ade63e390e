#!/bin/bash
# cut-when.sh NAME FILE MARK : takes the power away from the machine NAME, which is about to boot, as soon as it writes FILE,
# and says so with the file MARK. A process of its own, because the lab's may be busy with another machine at that moment.
# Before all others where the host lets it, as some moments are short. That the file is there already is no such moment: a
# cut that came a little late may have left it.
set -euo pipefail

print_processes() {
  # Groups come and go meanwhile.
  find /sys/fs/cgroup{,/systemd,/unified}/"boot-lab-$1" -name cgroup.procs -exec cat {} + 2>/dev/null || true
}

# The machine's PID 1.
print_first_process() {
  local pid
  while read -r pid; do
    if grep -qsE '^NSpid:\s+([0-9]+\s+)+1$' "/proc/$pid/status"; then
      echo "$pid"
      return
    fi
  done < <(print_processes "$1")
}

main() {
  local name=$1 file=$2 mark=$3 power_on="$3.power-on" pause first=''
  chrt --fifo --pid 1 "$$" 2>/dev/null || renice -n -15 "$$" >/dev/null
  : >"$power_on"
  # Reading from a pipe that nobody writes to waits without a process.
  exec {pause}<> <(:)
  until [[ -n $first ]]; do
    read -r -t 0.1 -u "$pause" || true
    first=$(print_first_process "$name")
  done
  until [[ $file -nt $power_on ]]; do read -r -t 0.005 -u "$pause" || true; done
  : >"$mark"
  kill -s KILL "$first"
}

main "$@"
