#!/bin/bash
# The sessions that the server holds: they end with the server and with the boot.
main() {
  local sessions=/run/boot-lab-dcv/sessions id=${*: -1}
  case $1 in
    create-session)
      [[ -d $sessions ]] || {
        echo 'Could not connect to the server' >&2
        exit 1
      }
      [[ ! -e $sessions/$id ]] || {
        echo "Could not create session '$id'. Session already exists" >&2
        exit 1
      }
      printf '%s\n' "$@" >"$sessions/$id"
      printf '%s\n' "$id" >>/var/lib/lab/dcv-sessions
      ;;
    describe-session)
      [[ -e $sessions/$id ]] || {
        echo "Session '$id' not found" >&2
        exit 1
      }
      echo "Session: '$id'"
      ;;
    list-sessions)
      ls "$sessions"
      ;;
    *)
      echo "the lab's dcv does not know $1" >&2
      exit 2
      ;;
  esac
}

main "$@"
