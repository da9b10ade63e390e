#!/bin/bash
# start-network.sh FOLDER ADDRESS: in fresh mount and network namespaces, which end with this process: the disk of the
# machine in memory, and the addresses of what it can reach.
set -euo pipefail
folder="$1"
mount -t tmpfs tmpfs "${folder}"
mkdir "${folder}"/{upper,work,root}
# What was prepared arrives on stdin.
tar -x -C "${folder}"
ip link set lo up
ip address add 169.254.169.254/32 dev lo
ip address add fd00:ec2::254/128 dev lo nodad
ip address add "$2/32" dev lo
echo ready
exec sleep infinity
