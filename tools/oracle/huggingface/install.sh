#!/usr/bin/env bash
# Puts transformers into build/oracle-hf, beside the system's PyTorch: Debian's python3-torch, which root gets by apt, never another one.
set -euo pipefail
cd "$(dirname "$0")/../../.."

environment=build/oracle-hf
packages=(python3-torch python3-venv)
wanted=$(cat tools/oracle/huggingface/requirements.txt)
if [ -e $environment/complete ] && [ "$(cat $environment/complete)" = "$wanted" ]; then exit; fi

if ! dpkg --status "${packages[@]}" >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

rm -rf $environment
/usr/bin/python3 -m venv --system-site-packages $environment
$environment/bin/python -m pip install --quiet --no-input --disable-pip-version-check --only-binary :all: --no-compile \
  -r tools/oracle/huggingface/requirements.txt
# What cannot be imported is not there.
$environment/bin/python -c "import torch; from transformers import ReformerModelWithLMHead"
printf '%s\n' "$wanted" >$environment/complete
