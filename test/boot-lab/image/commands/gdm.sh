#!/bin/bash
# A display manager whose X shows nothing. X lets in what is installed when it starts, and a login screen or, where the configuration
# says so, the session of a user draws on it.
readonly STATE=/run/boot-lab-x
readonly SWITCHES=/var/lib/lab/desktop

main() {
  local shell x
  mkdir -p "$STATE"
  # Processes have the name of their file.
  ln -sf /usr/bin/sleep "$STATE/gnome-shell"
  write_xhost
  : >"$STATE/authority"
  echo SI:localuser:gdm >"$STATE/admitted"
  bash -c 'exec -a /usr/lib/xorg/Xorg bash -c "while :; do sleep infinity; done" vt1 -displayfd 3 -auth "$1"' x "$STATE/authority" &
  x=$!
  printf '%10d\n' "$x" >/tmp/.X0-lock
  sleep "$(cat "$SWITCHES/x-admits-late" 2>/dev/null || echo 0)"
  if [[ -e /usr/share/boot-lab/nice-dcv-server && ! -e $SWITCHES/x-without-dcv ]]; then echo SI:localuser:dcv >>"$STATE/admitted"; fi
  if grep -qsx enabled /var/lib/lab/gpu-sharing; then echo LOCAL: >>"$STATE/admitted"; fi
  start_shell &
  shell=$!
  trap 'kill "$x" "$shell"; rm -f /tmp/.X0-lock "$STATE/admitted"' EXIT
  trap 'exit 0' TERM
  while :; do
    wait "$shell"
    # After a log-out.
    sleep 1
    start_shell &
    shell=$!
  done
}

start_shell() {
  local owner=''
  owner=$(cat /etc/gdm*/*.conf | sed -n 's/^AutomaticLogin=//p')
  if [[ -n $owner ]]; then exec runuser --user "$owner" -- "$STATE/gnome-shell" infinity; fi
  exec "$STATE/gnome-shell" infinity
}

# Whom X admits, for those who show its authority file.
write_xhost() {
  cat >/usr/local/bin/xhost <<\XHOST
#!/bin/bash
if [[ $DISPLAY != :0 || $XAUTHORITY != /run/boot-lab-x/authority || ! -e /run/boot-lab-x/admitted ]]; then
  echo 'xhost:  unable to open display ""' >&2
  exit 1
fi
echo 'access control enabled, only authorized clients can connect'
cat /run/boot-lab-x/admitted
XHOST
  chmod 755 /usr/local/bin/xhost
}

main "$@"
