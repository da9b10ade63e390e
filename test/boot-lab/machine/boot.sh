#!/bin/bash
# boot.sh NAME ROOT TRACE SUPPRESS_SYNC plain|desktop : boots the tree ROOT with systemd as PID 1, in the network namespace that this runs in.
# Ends with 133 when the machine reboots and 0 when it powers off. TRACE receives every process start. SUPPRESS_SYNC is
# yes where syncing has no meaning: it would sync all disks of the host. A desktop gets what Xorg and gdm need.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Guests that share a cgroup tear each other's services down.
enter_own_cgroup() {
  local hierarchy
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    [[ -e $hierarchy/cgroup.procs ]] || continue
    mkdir -p "$hierarchy/boot-lab-$1"
    echo $$ >"$hierarchy/boot-lab-$1/cgroup.procs"
  done
}

# Arguments: folder of this machine. The disks of others that run now must not live as long as this machine.
forget_other_machines() {
  local target
  while read -r _ target _; do
    if [[ $target == */cluster-nodes-boot-lab.*/* && $target != "$1"/* ]]; then umount --lazy "$target"; fi
  done < <(tac /proc/self/mounts)
}

# Device nodes of its own for virtual terminals: those of the host keep their owners. Adds to options.
make_terminals() {
  local folder=$1 number
  mkdir -p "$folder"
  for number in 0 1 2; do
    mknod -m 620 "$folder/tty$number" c 4 "$number"
    options+=("--bind=$folder/tty$number:/dev/tty$number")
  done
  options+=(--capability=all "--drop-capability=CAP_SYS_MODULE,CAP_SYS_TIME" --tmpfs=/dev/shm)
}

main() {
  local name=$1 root=$2 trace=$3 suppress_sync=$4 kind=$5 options=()
  enter_own_cgroup "$name"
  mount --make-rprivate /
  forget_other_machines "$(dirname "$root")"
  # systemd-nspawn keeps its own files here, and takes the host's for granted.
  mkdir -p /run/systemd
  mount -t tmpfs tmpfs /run/systemd
  # udev in the machine takes a writable /sys as leave to wait for devices that never come.
  mount -o remount,ro,bind /sys
  if [[ $kind == desktop ]]; then
    make_terminals /run/systemd/boot-lab-terminals
  else
    options+=("--drop-capability=CAP_MKNOD,CAP_SYS_MODULE,CAP_SYS_RAWIO,CAP_SYS_TIME")
  fi
  # Each thread begins with set_robust_list: one that lives to the end would leave no line of its own otherwise.
  # cloud-init asks for a session token only where the platform looks like EC2, and /sys/hypervisor is looked at first.
  exec env -i PATH="$PATH" TERM=xterm LANG=C.UTF-8 \
    strace -f --seccomp-bpf -ttt -v -s 65536 -e trace=execve,execveat,clone,clone3,fork,vfork,set_robust_list -e signal=none -o "$trace" \
    systemd-nspawn -q -D "$root" --boot --register=no --keep-unit -M "$name" \
    --private-network --network-interface=eth0 --bind-ro="$here/hypervisor:/sys/hypervisor" \
    --suppress-sync="$suppress_sync" --resolv-conf=off --timezone=off --link-journal=no --console=interactive "${options[@]}" \
    -- --log-target=console --show-status=0
}

main "$@"
