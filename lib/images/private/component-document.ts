import { NodeOsFamily } from '../../nodes/node-os-props';
import type { ImageScripts, ImageSource } from './image-source';

interface Step {
  readonly name: string;
  readonly action: string;
  /** YAML of its inputs, one line an item. */
  readonly inputs: readonly string[];
  readonly timeoutSeconds?: number;
}

/** What an image is made with on one family of systems. */
interface Scripts {
  readonly action: string;
  readonly bundle: string;
  readonly install: (source: ImageSource) => string;
  readonly seal: string;
  readonly validate: (source: ImageSource) => string;
  readonly test: (source: ImageSource) => string;
}

/**
 * The component document of a node's image, in YAML: the build takes the bundle of the node, checks it, runs the installs, again
 * after each restart that they ask for, and seals the image; an instance of the image installs nothing, and becomes ready as a
 * node does.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-use-documents.html
 * @internal
 */
export function componentDocument(name: string, source: ImageSource): string {
  const { action, bundle, install, seal, validate, test } = source.family === NodeOsFamily.LINUX ? LINUX : WINDOWS;
  const script = (step: string, commands: string, timeoutSeconds?: number): Step => ({
    name: step,
    action,
    timeoutSeconds,
    inputs: ['commands:', '  - |', ...indented(4, commands.split('\n'))],
  });
  const fetch = ({ bundle: { bucketName, objectKey } }: ImageScripts): Step => ({
    name: 'Bundle',
    action: 'S3Download',
    inputs: [`- source: s3://${bucketName}/${objectKey}`, `  destination: '${bundle}'`],
  });
  const phases: [string, Step[]][] = [
    ['build', [fetch(source.install), script('Install', install(source), source.install.seconds), script('Seal', seal)]],
    ['validate', [script('Validate', validate(source))]],
    ['test', [fetch(source.test), script('Test', test(source), source.test.seconds)]],
  ];
  return [
    `name: ${name}`,
    'schemaVersion: 1.0',
    'phases:',
    ...phases.flatMap(([phase, steps]) => [`  - name: ${phase}`, '    steps:', ...steps.flatMap(stepLines)]),
    '',
  ].join('\n');
}

function stepLines({ name, action, inputs, timeoutSeconds }: Step): string[] {
  return [
    `      - name: ${name}`,
    `        action: ${action}`,
    ...(timeoutSeconds === undefined ? [] : [`        timeoutSeconds: ${timeoutSeconds}`]),
    '        inputs:',
    ...indented(10, inputs),
  ];
}

function indented(spaces: number, lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `${' '.repeat(spaces)}${line}`));
}

// The document's own variables begin with two braces: none stand in these scripts.

const LINUX: Scripts = {
  action: 'ExecuteBash',
  bundle: '/var/tmp/cluster-node-bundle.tar',
  install: (source) => `${linuxRun(source.install, 'install')}
exit "\${status}"`,
  seal: `set -euo pipefail
rm -f /var/tmp/cluster-node-bundle.tar
bash /opt/cluster-node/bootstrap/seal.sh`,
  validate: (source) => `set -euo pipefail
${linuxManifestCheck(source)}
for path in /opt/cluster-node /var/lib/cluster-node /var/log/cluster-node; do
  if [[ -e \${path} ]]; then
    echo "expected a sealed image, and it has \${path}" >&2
    exit 1
  fi
done`,
  // A node takes the installs that it runs itself out of the manifest.
  test: (source) => `${linuxRun(source.test, 'test')}
if ((status != 0)); then
  exit "\${status}"
fi
${linuxManifestCheck(source)}`,
};

function linuxManifestCheck({ installs }: ImageSource): string {
  return `for phase in ${installs.join(' ')}; do
  if ! grep --quiet "^\${phase} " /var/lib/cluster-node-image/manifest; then
    echo "expected the install of \${phase} in the image, and its manifest lacks it" >&2
    exit 1
  fi
done`;
}

function linuxRun({ bundle, valueLines }: ImageScripts, mode: string): string {
  return `set -euo pipefail
umask 077
cd /
# It may be at work still, and writes where packages come from.
if type -P cloud-init >/dev/null; then
  timeout 900 cloud-init status --wait || echo "cloud-init: exit status $?"
fi
echo '${bundle.sha256}  ${LINUX.bundle}' | sha256sum --check --quiet
mkdir -p /opt/cluster-node/bootstrap /run/cluster-node
tar -xf ${LINUX.bundle} -C /opt/cluster-node/bootstrap
cat >/run/cluster-node/values <<'VALUES'
${valueLines.join('\n')}
VALUES
status=0
bash /opt/cluster-node/bootstrap/runner.sh ${mode} || status=$?
# 194 asks for a restart, after which this step runs again.
if ((status != 0 && status != 194)); then
  tail -n 100 /var/log/cluster-node/*.log
fi`;
}

const WINDOWS_FOLDER = 'C:\\ProgramData\\ClusterNode';
const WINDOWS_MANIFEST = 'C:\\ProgramData\\ClusterNodeImage\\manifest';
const WINDOWS_PRELUDE = `Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'`;

const WINDOWS: Scripts = {
  action: 'ExecutePowerShell',
  bundle: 'C:\\Windows\\Temp\\cluster-node-bundle.tar',
  install: (source) => `${windowsRun(source.install, ' -Install')}
exit $Status`,
  seal: `${WINDOWS_PRELUDE}
Remove-Item -LiteralPath 'C:\\Windows\\Temp\\cluster-node-bundle.tar' -Force
$Folder = '${WINDOWS_FOLDER}'
& "$Folder\\bootstrap\\seal.ps1"
$Status = $LASTEXITCODE
exit $Status`,
  validate: (source) => `${WINDOWS_PRELUDE}
${windowsManifestCheck(source)}
if (Test-Path '${WINDOWS_FOLDER}') {
  throw 'expected a sealed image, and it has ${WINDOWS_FOLDER}'
}`,
  test: (source) => `${windowsRun(source.test, '')}
if ($Status) {
  exit $Status
}
${windowsManifestCheck(source)}`,
};

function windowsManifestCheck({ installs }: ImageSource): string {
  return `foreach ($Phase in ${installs.map((phase) => `'${phase}'`).join(', ')}) {
  if (-not (Select-String -LiteralPath '${WINDOWS_MANIFEST}' -Pattern "^$Phase " -CaseSensitive -Quiet)) {
    throw "expected the install of $Phase in the image, and its manifest lacks it"
  }
}`;
}

function windowsRun({ bundle, valueLines }: ImageScripts, mode: string): string {
  return `${WINDOWS_PRELUDE}
$Folder = '${WINDOWS_FOLDER}'
if ((Get-FileHash -Algorithm SHA256 -LiteralPath '${WINDOWS.bundle}').Hash -ne '${bundle.sha256}') {
  throw 'expected the bundle with the SHA-256 ${bundle.sha256}, got another file'
}
[void][IO.Directory]::CreateDirectory("$Folder\\bootstrap")
& "$env:SystemRoot\\System32\\tar.exe" -xf '${WINDOWS.bundle}' -C "$Folder\\bootstrap"
if ($LASTEXITCODE) {
  throw "tar.exe ended with exit code $LASTEXITCODE"
}
[IO.File]::WriteAllText("$Folder\\values", @'
${valueLines.join('\n')}
'@)
& "$Folder\\bootstrap\\runner.ps1"${mode}
$Status = $LASTEXITCODE
# 3010 asks for a restart, after which this step runs again.
if ($Status -notin 0, 3010) {
  Get-ChildItem "$Folder\\logs" -Filter '*.log' | ForEach-Object { Get-Content -LiteralPath $_.FullName -Tail 100 }
}`;
}
