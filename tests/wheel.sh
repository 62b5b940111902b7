#!/usr/bin/env bash
# Install a wheel into an empty environment and use it from another folder: seeds, a small growth, no torch.
set -euo pipefail
wheel=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=$(dirname "$0")/../.venv/bin/python
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "$wheel"
cd "$work"
venv/bin/envforge --version
venv/bin/envforge seeds --json > seeds.json
venv/bin/python - <<'PY'
import importlib.util, json
seeds = json.load(open("seeds.json"))
assert len(seeds) >= 10, seeds
assert importlib.util.find_spec("torch") is None, "the core must not pull torch"
import envforge
assert "site-packages" in envforge.__file__, envforge.__file__
PY
venv/bin/envforge grow --db small.db --proposals 4 --json > grown.json
venv/bin/envforge registry list --db small.db --json > listed.json
venv/bin/python - <<'PY'
import json
listed = json.load(open("listed.json"))
assert sum(row["status"] == "admitted" for row in listed) >= 10, listed
print(f"wheel: {len(listed)} environments in a registry grown from an installed wheel")
PY
