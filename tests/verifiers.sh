#!/usr/bin/env bash
# Test packages of environments with the real verifiers, in an environment of its own (0.6 GB, about two minutes).
# Usage: tests/verifiers.sh ENVIRONMENT_OF_THE_TESTS ENVIRONMENT_FOR_VERIFIERS
set -euo pipefail
tests=$1 other=$2
root=$(dirname "$0")/..

if [ ! -e "$other/ready" ]; then
  "$tests/bin/python" -m venv --clear "$other"
  "$other/bin/python" -m pip --disable-pip-version-check install -q "verifiers==0.4.0" -e "$root"
  touch "$other/ready"
fi

ENVFORGE_REQUIRE_VERIFIERS=1 ENVFORGE_VERIFIERS_PYTHON=$(realpath -s "$other/bin/python") HF_HUB_OFFLINE=1 \
  "$tests/bin/python" -m pytest -m '' tests/extras/test_verifiers.py
