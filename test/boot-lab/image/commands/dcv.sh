#!/bin/bash
# The sessions that the server holds: they end with the server, with the boot, and with the shell of their desktop. Files in
# /var/lib/lab/desktop make things go wrong.
readonly SESSIONS=/run/boot-lab-dcv/sessions
readonly SWITCHES=/var/lib/lab/desktop

# A picture of one colour, and one of two.
readonly BLACK=iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAADElEQVR4nGNgIB0AAAA0AAF2Xq7DAAAAAElFTkSuQmCC
readonly DRAWN=iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAD0lEQVR4nGNgIBFwicgBAACYAD3OhSSNAAAAAElFTkSuQmCC

main() {
  local id=${*: -1}
  [[ $1 == run-session ]] || require_server
  case $1 in
    create-session) create_session "$@" ;;
    describe-session)
      require_session "$id"
      describe_session "$id"
      ;;
    get-screenshot)
      require_session "$id"
      get_screenshot
      ;;
    list-sessions) ls "$SESSIONS" ;;
    # The session itself, by the server's order.
    run-session) run_session "$2" "$3" "$4" ;;
    *)
      echo "the lab's dcv does not know $1" >&2
      exit 2
      ;;
  esac
}

# The folder of the sessions outlives a server that has ended.
require_server() {
  [[ -d /proc/$(cat /run/boot-lab-dcv/pid 2>/dev/null || echo none) ]] || {
    echo 'Could not connect to the server' >&2
    exit 1
  }
}

require_session() {
  [[ -e $SESSIONS/$1 ]] || {
    echo "Session '$1' not found" >&2
    exit 1
  }
}

create_session() {
  local id=${*: -1} owner display=2
  [[ ! -e $SESSIONS/$id ]] || {
    echo "Could not create session '$id'. Session already exists" >&2
    exit 1
  }
  owner=$(printf '%s\n' "$@" | grep -A 1 -xF -- --owner | tail -n 1)
  while [[ -e /tmp/.X$display-lock ]]; do ((display++)); done
  printf '%s\n' "$display" "$(date --utc +%FT%T.%NZ)" "$owner" >"$SESSIONS/$id"
  printf '%s\n' "$id" >>/var/lib/lab/dcv-sessions
  # No process of whoever asks.
  systemd-run --quiet --collect --property=BindsTo=dcvserver.service -- /usr/bin/dcv run-session "$id" "$owner" "$display"
}

describe_session() {
  local display created owner authority
  { read -r display && read -r created && read -r owner; } <"$SESSIONS/$1"
  authority=/run/boot-lab-dcv/$1.xauth
  [[ $1 != console ]] || authority=/run/boot-lab-x/authority
  printf '{\n  "id" : "%s",\n  "owner" : "%s",\n  "creation-time" : "%s",\n  "x11-display" : ":%s",\n  "x11-authority" : "%s"\n}\n' \
    "$1" "$owner" "$created" "$display" "$authority"
}

get_screenshot() {
  local picture=$DRAWN
  if [[ -e $SWITCHES/no-screenshot ]]; then
    echo 'Could not get the screenshot' >&2
    exit 1
  fi
  if [[ -e $SWITCHES/one-colour ]]; then picture=$BLACK; fi
  printf '{ "format" : "png", "base64" : "%s" }\n' "$picture"
}

# Arguments: id, owner, display.
run_session() {
  local id=$1 owner=$2 display=$3 shell='' lives x
  bash -c 'exec -a /usr/bin/Xdcv sleep infinity' &
  x=$!
  printf '%10d\n' "$x" >"/tmp/.X$display-lock"
  if [[ ! -e $SWITCHES/no-authority ]]; then
    sleep "$(cat "$SWITCHES/authority-late" 2>/dev/null || echo 0)"
    : >"/run/boot-lab-dcv/$id.xauth"
  fi
  mkdir -p /var/log/dcv
  # Processes have the name of their file.
  ln -sf /usr/bin/sleep /run/boot-lab-dcv/gnome-shell
  if [[ ! -e $SWITCHES/no-shell ]]; then
    runuser --user "$owner" -- /run/boot-lab-dcv/gnome-shell infinity &
    shell=$!
  fi
  # So many sessions die a second later.
  if [[ -s $SWITCHES/sessions-die ]] && lives=$(<"$SWITCHES/sessions-die") && ((lives > 0)); then
    echo $((lives - 1)) >"$SWITCHES/sessions-die"
    echo 'gnome-session: WARNING: the lab ends this session' >>"/var/log/dcv/dcv-xsession.$owner.$id.log"
    sleep 1
    pkill --parent "$shell" --exact gnome-shell
  fi
  if [[ -n $shell ]]; then wait "$shell"; else sleep infinity; fi
  kill "$x"
  rm -f "$SESSIONS/$id" "/tmp/.X$display-lock" "/run/boot-lab-dcv/$id.xauth"
  if [[ -e $SWITCHES/server-ends-with-session ]]; then kill "$(</run/boot-lab-dcv/pid)"; fi
}

main "$@"
