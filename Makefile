# Few verbs; every one sets up .venv by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-from-lock

.PHONY: help setup demo test lint bench conformance-gjson lock clean
.DEFAULT_GOAL := help

help:  ## Show the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Create .venv from the lock file (the other verbs do this by themselves)

$(STAMP): requirements.lock
	@echo "Setting up $(VENV) (about a minute, once) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $(STAMP)

demo: $(STAMP)  ## Show the main job: parameters in AWS become a Kubernetes Secret
	@$(BIN)/python -m sandbox demo

test: $(STAMP)  ## Lint, types, import layers and all tests
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(STAMP)  ## ruff, mypy --strict, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: $(STAMP)  ## Time first and unchanged up against the engine's floor
	@$(BIN)/python -m benchmarks

CASES ?= ../shared/conformance/gjson.jsonl

conformance-gjson: $(STAMP)  ## Compare JSON properties with recorded gjson answers (CASES=path)
	@$(BIN)/python -m tests.conformance.gjson --cases $(CASES)

lock: $(STAMP)  ## Renew requirements.lock from pyproject.toml
	@$(BIN)/python -m pip install --quiet pip-tools
	@$(BIN)/pip-compile --quiet --extra dev --generate-hashes --strip-extras --allow-unsafe --upgrade \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header \
	  --output-file requirements.lock pyproject.toml

clean:  ## Remove .venv, caches and the sandbox's files
	@rm -rf $(VENV) .sandbox .mypy_cache .ruff_cache build dist
