#!/usr/bin/env bash
# What is too long for the gate, in sequence, with its times: property tests with other seeds than the gate's, the mutants
# of the boot lab, and its scenarios again and again. ROUNDS says how many seeds, REPEAT how often each scenario.
set -euo pipefail

readonly ROUNDS="${ROUNDS:-5}" REPEAT="${REPEAT:-3}"
report=()
failed=0

run() {
  local title=$1 start=$SECONDS outcome=ok
  shift
  printf '\n=== %s\n' "${title}"
  "$@" || outcome=FAILED
  if [[ ${outcome} == FAILED ]]; then failed=1; fi
  report+=("$(printf '%6d s  %-6s  %s' "$((SECONDS - start))" "${outcome}" "${title}")")
}

main() {
  cd "$(dirname "$0")/.."
  # As many cases as in the gate, and nothing skipped.
  export CI=true
  local seed
  for ((seed = 1; seed <= ROUNDS; seed++)); do
    run "properties, seed ${seed}" env "ESCAPING_SEED=${seed}" "DIFFERENTIAL_SEED=${seed}" npx jest test/properties
  done
  run 'mutants of the boot lab' npm run --silent boot-lab -- --mutants
  run "boot-lab scenarios, ${REPEAT} times" npm run --silent boot-lab -- --repeat "${REPEAT}"
  printf '\n'
  printf '%s\n' "${report[@]}"
  exit "${failed}"
}

main "$@"
