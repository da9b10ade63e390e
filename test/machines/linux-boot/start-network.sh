#!/bin/bash
# start-network.sh FOLDER NODE SERVER: in fresh mount and network namespaces, which end with this process: the disk of the
# machine in memory, and everything it can reach.
set -euo pipefail
folder="$1"
mount -t tmpfs tmpfs "${folder}"
mkdir "${folder}"/{upper,work,root,objects,fake}
# What was prepared arrives on stdin.
tar -x -C "${folder}"
ip link set lo up
ip address add 169.254.169.254/32 dev lo
ip address add 127.0.0.2/8 dev lo
exec "$2" "$3" "${folder}"
