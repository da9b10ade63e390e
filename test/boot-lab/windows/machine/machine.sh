#!/bin/bash
# machine.sh PREFIX POWERSHELL AUTHORITY SIZE: the world of one Windows machine, in namespaces of its own for mounts, processes and
# the host name: its disk at /mnt/prefix, changes in memory. Says `ready` and stays; all that runs in here ends with it.
# machine.sh PREFIX POWERSHELL AUTHORITY image|from-image|renew: in that world, with the machine off, keeps its disk, gives it that one,
# or a new one.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
readonly here prefix=$1 powershell=$2 authority=$3 size=$4
readonly lab=/mnt/prefix/drive_c/lab system=/mnt/prefix/drive_c/windows/system32

mount_disk() {
  mkdir -p /mnt/{upper,work,prefix}
  mount -t overlay overlay -o "lowerdir=$prefix,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/prefix
  mount --bind -o ro "$powershell" "$system/WindowsPowerShell/v1.0"
  mkdir -p "$lab"/{standins,programs}
  mount --bind -o ro "$here/../standins" "$lab/standins"
  mount --bind -o ro "$here/../commands" "$lab/programs"
  for arguments in "$lab"/programs/*.args; do
    program=$(basename "$arguments" .args)
    rm -f "$system/$program.exe"
    cp "$lab/standin.exe" "$system/$program.exe"
  done
}

case $size in
  image)
    cp -a /mnt/upper /mnt/image
    exit
    ;;
  from-image)
    umount --recursive /mnt/prefix
    rm -rf /mnt/upper /mnt/work
    cp -a /mnt/image /mnt/upper
    mount_disk
    exit
    ;;
  renew)
    umount --recursive /mnt/prefix
    rm -rf /mnt/upper /mnt/work
    mount_disk
    exit
    ;;
esac

# The mounts of other machines would stay in use for as long as these namespaces have a copy of them.
readarray -t others < <(awk '$5 ~ /\/cluster-nodes-boot-lab\./ { print $5 }' /proc/self/mountinfo | tac)
for other in "${others[@]}"; do
  umount --lazy "$other"
done
mount -t tmpfs -o "size=$size" tmpfs /mnt
mount_disk
# Wine keeps the sockets of its server here.
mkdir -p "/tmp/.wine-$UID"
mount -t tmpfs -o mode=700 tmpfs "/tmp/.wine-$UID"
mount --bind "$authority" /etc/ssl/certs/ca-certificates.crt
echo 'nameserver 10.99.0.10' >/mnt/resolv.conf
mount --bind /mnt/resolv.conf /etc/resolv.conf
hostname EC2AMAZ-LAB0001
echo ready
# Children of others come here when those end, and are waited for.
while true; do
  sleep infinity &
  wait
done
