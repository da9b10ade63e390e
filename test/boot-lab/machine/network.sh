#!/bin/bash
# network.sh up NAME | plug NAME | down NAME
# A network namespace per machine, with a bridge that carries the address of the metadata service and of everything else.
# There is no route out of it. `plug` puts in a fresh cable, whose end eth0 the container takes.
set -euo pipefail

readonly SERVICES=10.99.0.10/24 SERVICES_IPV6=fd00:99::10/64 METADATA=169.254.169.254/32 METADATA_IPV6=fd00:ec2::254/128 NOTHING_LISTENS=10.99.0.99/32 MACHINE_MAC=02:00:00:00:00:05

up() {
  ip netns add "$1"
  ip -n "$1" link set lo up
  ip -n "$1" link add bridge type bridge
  ip -n "$1" address add "$SERVICES" dev bridge
  ip -n "$1" address add "$METADATA" dev bridge
  ip -n "$1" address add "$SERVICES_IPV6" dev bridge nodad
  ip -n "$1" address add "$METADATA_IPV6" dev bridge nodad
  ip -n "$1" address add "$NOTHING_LISTENS" dev bridge
  ip -n "$1" link set bridge up
}

plug() {
  if ip -n "$1" link show cable >/dev/null 2>&1; then ip -n "$1" link delete cable; fi
  ip -n "$1" link add cable type veth peer name eth0 address "$MACHINE_MAC"
  ip -n "$1" link set cable master bridge up
}

down() {
  ip netns delete "$1"
}

main() {
  local action=$1
  shift
  "$action" "$@"
}

main "$@"
