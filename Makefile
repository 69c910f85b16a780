# `make` lists the targets. Everything is installed into .venv and node_modules of this folder, from
# locked versions; nothing outside it is changed, and a second run installs nothing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.9

export PYTHONPATH := $(CURDIR)
export FACETWORKS_BUILD_CACHE ?= $(CURDIR)/.cache/builds
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-full check golden gas layout invariants fuzz altered mutants compiler-mutants analyse interop bench bench-gas bench-compile bench-halo crash load load-nodes fuzz-http clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.demo ## a minute in the life of the economy, on a chain inside this process
	@$(BIN)/python -m harness.demo

test: $(VENV)/.dev node_modules/.stamp ## every test: contracts, compiler, services, ape; about twenty-five minutes
	@$(BIN)/python -m tests $(STEPS)

test-full: $(VENV)/.dev node_modules/.stamp ## everything of which a run has only this day's part; Hardhat
	@ALL_SCENARIOS=1 DIFFERENTIAL_EXAMPLES=16 $(BIN)/python -m pytest -q -p no:ape_test tests/packages tests/tools/test_hardhat.py \
		tests/differential/test_contracts.py tests/services/consumer/test_crash.py tests/faults

check: $(VENV)/.dev ## lint, format and types only
	@$(BIN)/python -m tests lint format types

golden: $(VENV)/.dev ## rewrite the golden files of the compiler's stages; review their diff
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q -p no:ape_test tests/compiler/test_golden.py
	git --no-pager diff --stat -- tests/golden

gas: $(VENV)/.dev ## measure gas and code size, say what changed, rewrite .gas-snapshot
	@$(BIN)/python -m tests.gas

layout: $(VENV)/.dev ## record where state is kept, unless an upgrade would misread it
	@$(BIN)/python -m tests.layout

invariants: $(VENV)/.dev ## the state machines for long and at random: STEPS=100000 calls
	@$(BIN)/python -m tests.invariants --steps $(or $(STEPS),100000)

fuzz: $(VENV)/.dev node_modules/.stamp ## N=1000 random programs through both compilers; SEED=… FROM=… JOBS=…
	@$(BIN)/python -m tests.fuzz --programs $(or $(N),1000) $(if $(SEED),--seed $(SEED)) $(if $(FROM),--from $(FROM)) $(if $(JOBS),--jobs $(JOBS))

altered: $(VENV)/.dev node_modules/.stamp ## N=1000 sources with a few words changed, through both compilers; SEED=…
	@$(BIN)/python -m tests.altered --cases $(or $(N),1000) $(if $(SEED),--seed $(SEED))

compiler-mutants: $(VENV)/.dev node_modules/.stamp ## are mistakes in the compiler noticed? about half an hour
	@$(BIN)/python -m tests.mutation.compiler

mutants: $(VENV)/.dev ## are mistakes in the contracts noticed? twelve in each source, about an hour
	@$(BIN)/python -m tests.mutation --jobs 2 --log .cache/mutants.jsonl

analyse: $(VENV)/.dev node_modules/.stamp .cache/analysis/.stamp ## slither and halmos, in an environment of their own
	@$(BIN)/python -m tests.analysis.halmos .cache/analysis/bin/halmos
	@$(BIN)/python -m tests.analysis.slither .cache/analysis/bin/slither

.cache/analysis/.stamp: tests/analysis/requirements.lock | $(UV)
	@$(PYTHON) -m venv .cache/analysis
	@$(UV) pip install --quiet --python .cache/analysis/bin/python --require-hashes -r $<
	@touch $@

interop: $(VENV)/.dev node_modules/.stamp ## other people's clients and checkers against a market, each in its own environment
	@$(BIN)/python -m tests.interop

bench: $(VENV)/.dev node_modules/.stamp ## compile time, code size and gas, beside solc in the same run
	@$(BIN)/python -m benchmarks

bench-gas: $(VENV)/.dev node_modules/.stamp ## gas of our contracts, and of contracts made of OpenZeppelin and Solady, beside solc
	@$(BIN)/python -m benchmarks tour packages

bench-halo: $(VENV)/.dev node_modules/.stamp ## what paying for inference costs in time and gas, beside its references
	@$(BIN)/python -m benchmarks.halo

crash: $(VENV)/.dev ## the market killed KILLS=2000 times, and its books compared with the chain
	@$(BIN)/python -m tests.crash --kills $(or $(KILLS),2000)

load: $(VENV)/.dev ## the market under N=1000 requests, and every book compared with the chain; SEED=…
	@$(BIN)/python -m tests.load --requests $(or $(N),1000) $(if $(SEED),--seed $(SEED))

load-nodes: $(VENV)/.dev ## two relays and two facilitators under load, one of each killed
	@$(BIN)/python -m tests.load --nodes $(if $(SEED),--seed $(SEED))

fuzz-http: $(VENV)/.dev ## every endpoint of every service, asked N=20000 times; SEED=…
	@$(BIN)/python -m tests.fuzz_http --cases $(or $(N),20000) $(if $(SEED),--seed $(SEED))

bench-compile: $(VENV)/.dev node_modules/.stamp ## how long compiling takes, beside solc
	@$(BIN)/python -m benchmarks compile_time

clean: ## remove what the other targets installed or made
	rm -rf $(VENV) node_modules .cache .build .hypothesis .pytest_cache .mypy_cache .ruff_cache *.egg-info

$(BIN)/python:
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' \
		|| { echo "Facetworks needs Python 3.11 or 3.12; run make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(UV): | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.demo: demo.lock | $(UV)
	@echo "installing what the demonstration needs (once)"
	@test -e $(VENV)/.dev || $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r demo.lock
	@touch $@

$(VENV)/.dev: requirements.lock pyproject.toml | $(UV)
	@echo "installing what the tests need (once; about 500 MB)"
	@$(UV) pip install --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps \
		--config-settings editable_mode=compat -e .
	@touch $@ $(VENV)/.demo

node_modules/.stamp: package-lock.json
	@echo "installing anvil, solc and libraries from npm (once)"
	@command -v npm >/dev/null || { echo "npm is missing: install Node 20"; exit 1; }
	@npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
