#!/bin/bash
# Sharing that is switched on while X runs does not work.
main() {
  local state=/var/lib/lab/gpu-sharing
  case $1 in
    disable) rm -f "$state" ;;
    enable)
      echo enabled >"$state"
      if [[ -e /tmp/.X0-lock ]]; then echo 'enabled under a running X' >"$state"; fi
      ;;
  esac
}

main "$@"
