#!/bin/bash
# Listens, and makes a console session where the configuration says so. Sessions end with the server.
main() {
  local sessions=/run/boot-lab-dcv/sessions
  rm -rf "$sessions"
  mkdir -p "$sessions"
  if grep -q '^create-session=true$' /etc/dcv/dcv.conf; then
    [[ -e /tmp/.X11-unix/X0 ]] && : >"$sessions/console"
  fi
  exec python3 -c 'import signal, socket; s = socket.create_server(("", 8443)); signal.pause()'
}

main "$@"
