#!/usr/bin/env bash
# The packages in dist/ (npm run package), installed in empty projects by each language's own client, with the lowest AWS CDK that
# they take: the newest is not in all registries at the same time. Every program of the README and of examples/ is run; an example has to give the same templates in all languages.
set -euo pipefail

export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
HERE="${ROOT}/test/package"
WORK=$(mktemp -d)
LIBRARY=$(node -p "require('${ROOT}/package.json').version")
CDK=$(node -p "require('${ROOT}/package.json').peerDependencies['aws-cdk-lib'].slice(1)")
CONSTRUCTS=$(node -p "require('${ROOT}/package.json').peerDependencies.constructs.slice(1)")
readonly ROOT HERE WORK LIBRARY CDK CONSTRUCTS
readonly SHIPPED="${WORK}/typescript/node_modules/cdk-cluster-nodes"
trap 'rm -rf "${WORK}"' EXIT

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# synthesize LANGUAGE PROGRAM COMMAND...: the program's templates are in $WORK/out/LANGUAGE/PROGRAM.
synthesize() {
  local language=$1 program=$2
  shift 2
  local out="${WORK}/out/${language}/${program}"
  CDK_OUTDIR="${out}" "$@" || fail "expected ${program} in ${language} to be synthesized, it failed: $*"
  compgen -G "${out}/*.template.json" >/dev/null || fail "expected templates of ${program} in ${language}, got none: $*"
}

# linux_desktop, LinuxDesktopApp and linux-desktop are one example.
example_name() {
  local name
  name=$(basename "$1")
  sed -E 's/([a-z])([A-Z])/\1-\2/g; s/-App$//; s/_/-/g' <<<"${name%.*}" | tr '[:upper:]' '[:lower:]'
}

in_typescript() {
  local packed=("${ROOT}"/dist/js/*.tgz) file
  mkdir -p "${WORK}/typescript"
  cd "${WORK}/typescript"
  npm init --yes >/dev/null
  npm install --silent --no-audit --no-fund "${packed[0]}" "aws-cdk-lib@${CDK}" "constructs@${CONSTRUCTS}" \
    typescript@5 @types/node@20 jest@30 @types/jest@30
  node "${HERE}/documentation.mjs" "${SHIPPED}"
  node "${HERE}/programs.mjs" "${SHIPPED}/README.md" "${WORK}/typescript"
  cp "${SHIPPED}"/examples/typescript/*.ts .
  npx tsc --strict --noUnusedLocals --module node16 --target es2022 --types node,jest ./*.ts
  # What the README says to put into a folder of one's own.
  mkdir -p bootstrap/compute_node
  mv customise-what-runs-on-a-node.j2 bootstrap/compute_node/setup_user_customization.sh.j2
  for file in *.ts; do
    case ${file} in
      # Asks AWS; that it compiles is all that can be seen here.
      desktops-at-run-time.ts) ;;
      *.test.ts) npx jest --ci=false --silent "${file%.ts}.js" ;;
      *) synthesize typescript "$(example_name "${file}")" node "${file%.ts}.js" ;;
    esac
  done
}

# The npm command, as the README calls it.
the_command() {
  cd "${WORK}/typescript"
  npx cluster-nodes render --os ubuntu2404 --arch x86_64 --node-type dcv_node --overlay bootstrap --out rendered >/dev/null
  grep -q blender rendered/bundle/setup_user_customization.sh || fail 'expected the rendered customisation to install blender'
  npx cluster-nodes render --app ../out/typescript/a-linux-desktop --node Lab/LinuxDesktop --out of-the-app >/dev/null
  npx cluster-nodes budget --overlay bootstrap >/dev/null
}

python_program() {
  synthesize python "$(example_name "$1")" venv/bin/python -W error::SyntaxWarning "$1"
}

in_python() {
  local packed=("${ROOT}"/dist/python/*.whl) programs program job jobs=()
  mkdir -p "${WORK}/python"
  cd "${WORK}/python"
  /usr/bin/python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check --no-cache-dir --no-compile "${packed[0]}" "aws-cdk-lib==${CDK}" "constructs==${CONSTRUCTS}"
  # What PyPI shows: it has no files beside the text, which links that are relative would lead to.
  if grep -nE '\]\([^)#h]' venv/lib/python*/site-packages/cdk_cluster_nodes-*.dist-info/METADATA; then
    fail 'expected links of the README to be absolute in the Python package, got the lines above'
  fi
  programs=("${SHIPPED}"/examples/python/*.py "${WORK}"/typescript/*.py)
  # Alone, for it compiles the AWS CDK for all. Python is the slowest of the languages: its last programs would run on one core.
  python_program "${programs[0]}"
  for program in "${programs[@]:1}"; do
    python_program "${program}" &
    jobs+=("$!")
  done
  for job in "${jobs[@]}"; do wait "${job}"; done
  venv/bin/cluster-nodes budget >/dev/null
}

in_java() {
  local file classpath
  mkdir -p "${WORK}/java/src/main/java"
  cd "${WORK}/java"
  cp "${SHIPPED}"/examples/java/*.java src/main/java/
  cp "${HERE}/pom.xml" .
  mvn --quiet --batch-mode "-Dmaven.repo.local=${WORK}/maven" "-Dpacked=${ROOT}/dist/java" "-Dlibrary=${LIBRARY}" "-Dcdk=${CDK}" \
    "-Dconstructs=${CONSTRUCTS}" compile dependency:build-classpath -Dmdep.outputFile=classpath
  classpath="target/classes:$(<classpath)"
  for file in src/main/java/*.java; do
    synthesize java "$(example_name "${file}")" java -cp "${classpath}" "$(basename "${file}" .java)"
  done
}

in_go() {
  local module=github.com/cdk-cluster-nodes/cdk-cluster-nodes-go/clusternodes file name
  mkdir -p "${WORK}/go"
  cd "${WORK}/go"
  export GOPATH="${WORK}/gopath" GOCACHE="${WORK}/gocache" GOFLAGS="${GOFLAGS:-} -modcacherw"
  go mod init examples 2>/dev/null
  for file in "${SHIPPED}"/examples/go/*.go; do
    name=$(example_name "${file}")
    mkdir "${name}"
    cp "${file}" "${name}/"
  done
  go mod edit "-require=${module}@v${LIBRARY}" "-replace=${module}=${ROOT}/dist/go/clusternodes" \
    "-require=github.com/aws/aws-cdk-go/awscdk/v2@v${CDK}" "-require=github.com/aws/constructs-go/constructs/v10@v${CONSTRUCTS}"
  go mod tidy 2>tidy.log || fail "$(<tidy.log)"
  mkdir bin
  go build -o bin/ ./...
  for file in bin/*; do
    synthesize go "$(basename "${file}")" "${file}"
  done
}

# An example is in every language, and its templates are the same to the last byte.
compare_templates() {
  local example language out expected template
  for example in "${SHIPPED}"/examples/typescript/*.ts; do
    example=$(example_name "${example}")
    expected="${WORK}/out/typescript/${example}"
    for language in python java go; do
      out="${WORK}/out/${language}/${example}"
      [[ -d ${out} ]] || fail "expected examples/${language} to have ${example}"
      for template in "${expected}"/*.template.json; do
        diff "${template}" "${out}/$(basename "${template}")" ||
          fail "expected the same template in typescript and ${language}: ${example}, $(basename "${template}")"
      done
    done
  done
}

step() {
  local start=${SECONDS}
  "$@"
  printf '%s: %s s\n' "$1" "$((SECONDS - start))"
}

main() {
  local language jobs=() programs failed=0
  [[ -d ${ROOT}/dist/js ]] || fail 'expected packages in dist/: npm run package'
  # First: the others take README and examples from the npm package.
  step in_typescript
  for language in python java go; do
    step "in_${language}" >"${WORK}/${language}.log" 2>&1 &
    jobs+=("${language} $!")
  done
  step the_command
  for language in "${jobs[@]}"; do
    wait "${language#* }" || failed=1
    cat "${WORK}/${language% *}.log"
  done
  [[ ${failed} -eq 0 ]] || fail 'expected the packages of all languages to work: see above'
  compare_templates
  programs=("${WORK}"/out/*/*)
  printf '%s passed, 0 failed\n' "${#programs[@]}"
}

main "$@"
