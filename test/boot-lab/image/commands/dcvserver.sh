#!/bin/bash
# Listens with a certificate of its own, and makes a console session where the configuration says so and X admits it. Sessions end
# with the server.
main() {
  local sessions=/run/boot-lab-dcv/sessions
  rm -rf "$sessions"
  mkdir -p "$sessions"
  echo $$ >/run/boot-lab-dcv/pid
  if grep -q '^create-session=true$' /etc/dcv/dcv.conf && grep -qxs SI:localuser:dcv /run/boot-lab-x/admitted; then
    printf '%s\n' 0 "$(date --utc +%FT%T.%NZ)" owner >"$sessions/console"
  fi
  if [[ ! -e /etc/dcv/dcv.pem ]]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=dcv -keyout /etc/dcv/dcv.key -out /etc/dcv/dcv.pem 2>/dev/null
  fi
  exec python3 -c '
import os, socket, ssl

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/etc/dcv/dcv.pem", "/etc/dcv/dcv.key")
server = socket.create_server(("", 8443))
while True:
    client, _ = server.accept()
    try:
        if os.path.exists("/var/lib/lab/desktop/no-tls"):
            client.close()
        else:
            context.wrap_socket(client, server_side=True).close()
    except OSError:
        client.close()
'
}

main "$@"
