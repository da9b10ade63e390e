#!/usr/bin/env bash
# Makes the packages of a release, in dist/, and API.md: from a copy of the checkout, built against exactly the lowest versions
# that package.json takes as peers. The packages ask for what they were built against, the Go module by version.
#
#   package.sh [--docs | --check] [FOLDER]   FOLDER: where the copy is made, and left
set -euo pipefail

export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT
copy=''

peer_minimum() {
  node -p "require('${ROOT}/package.json').peerDependencies['$1'].replace('^', '')"
}

copy_checkout() {
  cd "${ROOT}"
  git ls-files -z --cached --others --exclude-standard --deduplicate |
    tar --null --ignore-failed-read -cf - -T - | tar -xf - -C "${copy}"
  cp -a node_modules "${copy}/"
}

install_peer_minimum() {
  local cdk constructs own
  cdk=$(peer_minimum aws-cdk-lib)
  constructs=$(peer_minimum constructs)
  cd "${copy}"
  # Taken out first: npm would leave what the newer aws-cdk-lib bundles. With them go the peers from package.json.
  npm uninstall --silent --no-audit --no-fund --legacy-peer-deps aws-cdk-lib constructs
  cp "${ROOT}/package.json" .
  npm pkg set "devDependencies.aws-cdk-lib=${cdk}" "devDependencies.constructs=${constructs}"
  npm install --silent --no-audit --no-fund
  # What aws-cdk-lib itself asks for, as low: a Go module names versions, and those that nobody else names are not everywhere.
  mapfile -t own < <(node -p "
    const { dependencies, bundleDependencies } = require('aws-cdk-lib/package.json');
    Object.keys(dependencies).filter((name) => !bundleDependencies.includes(name))
      .map((name) => name + '@' + dependencies[name].replace('^', '')).join('\n')")
  npm install --silent --no-save --no-audit --no-fund "${own[@]}"
  echo "built against aws-cdk-lib ${cdk}, constructs ${constructs}"
}

build() {
  local pages
  pages="$(node -p "require('${ROOT}/package.json').homepage")/blob/HEAD"
  cd "${copy}"
  # PyPI shows the README without the files that it links to.
  sed -i -E "s#\]\(((docs|examples|assets)[^)]*|[A-Z]+\.md)\)#](${pages}/\1)#g" README.md
  npm run --silent build -- --fail-on-warnings
  npx jsii-docgen --output API.md
}

check_api_document() {
  if ! cmp -s "${copy}/API.md" "${ROOT}/API.md"; then
    echo 'API.md is not what the sources say: run npm run docs and commit it' >&2
    diff "${ROOT}/API.md" "${copy}/API.md" | head -n 20 >&2
    exit 1
  fi
}

pack() {
  local packaged=(js python java) generated=(go)
  # Go's package is its code. .NET's has to be compiled, where its SDK is.
  if command -v dotnet >/dev/null; then packaged+=(dotnet); else generated+=(dotnet); fi
  rm -rf "${ROOT}/dist"
  cd "${copy}"
  npx jsii-pacmak --outdir "${ROOT}/dist" --targets "${packaged[@]}"
  npx jsii-pacmak --outdir "${ROOT}/dist" --code-only --targets "${generated[@]}"
}

main() {
  local mode=pack
  if [[ ${1:-} == --* ]]; then
    mode=${1#--}
    shift
  fi
  copy=${1:-$(mktemp -d)}
  if [[ $# -eq 0 ]]; then trap 'rm -rf "${copy}"' EXIT; fi
  copy_checkout
  install_peer_minimum
  build
  case ${mode} in
    docs) cp "${copy}/API.md" "${ROOT}/" ;;
    check)
      check_api_document
      pack
      ;;
    pack) pack ;;
    *)
      echo "expected --docs or --check, got --${mode}" >&2
      exit 2
      ;;
  esac
}

main "$@"
