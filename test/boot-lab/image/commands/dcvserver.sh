#!/bin/bash
# Listens with a certificate of its own, and makes a console session where the configuration says so. Sessions end with the server.
main() {
  local sessions=/run/boot-lab-dcv/sessions
  rm -rf "$sessions"
  mkdir -p "$sessions"
  if grep -q '^create-session=true$' /etc/dcv/dcv.conf; then
    [[ -e /tmp/.X11-unix/X0 ]] && : >"$sessions/console"
  fi
  if [[ ! -e /etc/dcv/dcv.pem ]]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=dcv -keyout /etc/dcv/dcv.key -out /etc/dcv/dcv.pem 2>/dev/null
  fi
  exec python3 -c '
import socket, ssl

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/etc/dcv/dcv.pem", "/etc/dcv/dcv.key")
server = socket.create_server(("", 8443))
while True:
    client, _ = server.accept()
    try:
        context.wrap_socket(client, server_side=True).close()
    except OSError:
        client.close()
'
}

main "$@"
