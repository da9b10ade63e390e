#!/bin/bash
# probe.sh CACHE_FOLDER : does once, in namespaces of its own, what images and machines need. Says in one line what is not
# possible here, and ends with 1.
set -euo pipefail

# Arguments: what cannot be done when it fails, the command. Not as a condition: a shell does not stop at failures inside one.
try() {
  what=$1
  shift
  "$@" >"$folder/log" 2>&1
}

finish() {
  local status=$?
  if ((status != 0)); then echo "$what: $(head -n 1 "$folder/log")"; fi
  if mountpoint --quiet "$folder/memory"; then umount "$folder/memory"; fi
  rm -rf --one-file-system "$folder"
}

mount_overlay() {
  mkdir "$1/lower" "$1/upper" "$1/work" "$1/root"
  mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/root"
  umount "$1/root"
}

attach_loop_device() {
  local device
  truncate -s 1M "$1/volume"
  device=$(losetup --find --show "$1/volume")
  losetup --detach "$device"
}

make_network() {
  ip link add probe type bridge
  ip link add cable type veth peer name eth0
}

# systemd in a machine wants the hierarchy that it manages: its own, or the one for all.
make_control_group() {
  local hierarchy
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd; do
    if [[ -e $hierarchy/cgroup.procs ]]; then
      mkdir "$hierarchy/boot-lab-probe-$$"
      rmdir "$hierarchy/boot-lab-probe-$$"
      return
    fi
  done
  echo '/sys/fs/cgroup is neither the unified hierarchy nor has it one named systemd'
  return 1
}

main() {
  mkdir -p "$1"
  folder=$(mktemp -d "$1/probe.XXXXXX")
  trap finish EXIT
  try "overlay file systems cannot have their layers in $1 (if it is one itself, set CLUSTER_NODES_BOOT_LAB_CACHE)" mount_overlay "$folder"
  mkdir "$folder/memory"
  try 'memory cannot be mounted' mount -t tmpfs tmpfs "$folder/memory"
  try 'loop devices cannot be used' attach_loop_device "$folder/memory"
  umount "$folder/memory"
  try 'network devices cannot be made' make_network
  try 'control groups cannot be made' make_control_group
}

main "$@"
