# What people and CI do, each under one name; `make` alone lists them. Works with GNU make 3.81 (macOS) and later.

PYTHON ?= python3
# One more than two processors: servers under test wait for a third of the time.
WORKERS ?= 3
# Of the mutants, which show that tests can fail, one in so many; each commit draws others, MUTANTS=1 takes all (decision 21).
MUTANTS ?= 6
SYSTEMS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --require-hashes --only-binary :all:
PIN := $(BIN)/uv pip compile pyproject.toml --upgrade --quiet --universal --python-version 3.11 --generate-hashes \
	--only-binary :all: --no-header --no-annotate --no-emit-index-url --no-emit-find-links

# What mypy has found out about files that have not changed; beside the tools, so that a fresh checkout has it, too.
MYPY_CACHE_DIR ?= $(or $(INTERLOCK_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/interlock)/mypy
export MYPY_CACHE_DIR

SCHEMA := generator/schema/contract.schema.json

# Stamps: what has been installed from which lists.
CREATED := $(VENV)/.created
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development

.DEFAULT_GOAL := help
.PHONY: help contracts test lint format golden schema tools bench doctor pins clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

contracts: $(RUNTIME) ## generate and prove output/ from every system under contracts/ (or SYSTEMS="a b")
	$(BIN)/interlock generate $(SYSTEMS)

test: lint tools ## everything CI runs: lint, types, native tools, all tests
	$(BIN)/pytest -n $(WORKERS) --mutants $(MUTANTS)

lint: $(DEVELOPMENT) ## style, format and strict types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DEVELOPMENT) ## put the code in the one format, repair what can be repaired
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: $(DEVELOPMENT) tools ## write what the scenarios produce as what they expect; then read the diff
	$(BIN)/pytest tests/test_scenarios.py --golden

schema: $(RUNTIME) ## write the JSON Schema of the contract language, from the records of generator/model/
	$(BIN)/python -c 'import json; from generator.read.language_schema import language_schema as schema; \
	  print(json.dumps(schema(), indent=1, ensure_ascii=False))' > $(SCHEMA).new
	mv $(SCHEMA).new $(SCHEMA)

tools: $(DEVELOPMENT) ## install the pinned native tools into the cache (a second run costs nothing)
	$(BIN)/python -m generator.tools

bench: $(DEVELOPMENT) ## time and memory against TypeSpec on the same API, as ratios
	$(BIN)/python bench/bench.py

doctor: $(RUNTIME) ## which tools are there, what each proves, how to get the rest
	$(BIN)/interlock doctor

pins: $(DEVELOPMENT) ## resolve pyproject.toml anew into requirements.txt and requirements-dev.txt
	$(PIP) install uv
	$(PIN) --group build --output-file requirements.txt
	$(PIN) --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean: ## remove what the targets above made in this checkout; never output/
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(CREATED):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "Interlock runs on Python 3.11 to 3.13, and $(PYTHON) is `$(PYTHON) --version 2>&1`: try make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(RUNTIME): $(CREATED) requirements.txt pyproject.toml
	$(INSTALL) -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-dev.txt
	$(INSTALL) -r requirements-dev.txt
	@touch $@
