# Few verbs; every one sets up .venv by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-from-lock
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: help setup demo test test-slow test-pulumi test-kubernetes verified lint lint-ci look bench conformance conformance-gjson fuzz lock clean
.DEFAULT_GOAL := help

help:  ## Show the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Create .venv from the lock file (the other verbs do this by themselves)

# uv installs in seconds what pip needs a minute for: it compiles nothing ahead of its use. It is told of pip's index, and
# where it cannot install, pip does.
$(STAMP): requirements.lock requirements-uv.lock
	@test ! -L $(VENV) || { echo "$(VENV) is a link: run 'make setup' where it points; this would empty it."; exit 1; }
	@echo "Setting up $(VENV) (15 seconds and the time to download 150 MB, once) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv --clear $(VENV)
	@index=$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}; \
	  if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	  if [ ! -t 2 ]; then export UV_NO_PROGRESS=1; quiet=--quiet; fi; \
	  $(PIP_INSTALL) --only-binary :all: --requirement requirements-uv.lock \
	  && $(BIN)/uv pip install $$quiet --python $(BIN)/python --require-hashes --requirement requirements.lock \
	  || { echo "uv could not install; pip tries (about a minute) ..."; $(PIP_INSTALL) --requirement requirements.lock; }
	@touch $(STAMP)

demo: $(STAMP)  ## Show the main job: parameters in AWS become a Kubernetes Secret (DETAIL=1: all that Pulumi prints)
	@$(BIN)/python -m sandbox demo $(if $(DETAIL),--detail)

test: $(STAMP)  ## Lint, types, import layers and all tests but the slow ones
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

test-slow: $(STAMP)  ## The tests that take long, about 10 minutes; TESTS=tests/sandbox runs those of one folder
	@$(BIN)/python -m pytest -n 2 --dist loadscope -m slow $(TESTS)

test-pulumi: $(STAMP)  ## The end-to-end scenarios under the real pulumi CLI, compared with the sandbox's engine
	@$(BIN)/python -m tools.pulumi_cli

test-kubernetes: $(STAMP)  ## All that touches Kubernetes on a real API server (the first time builds it: 7 minutes, needs Go)
	@$(BIN)/python -m tools.api_server

verified: $(STAMP)  ## Write docs/verified.md from what test-pulumi and test-kubernetes recorded
	@$(BIN)/python -m tools.verified

lint: $(STAMP)  ## ruff, mypy --strict, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

lint-ci: $(STAMP)  ## actionlint and GitLab's schema on the examples in docs/ci
	@$(BIN)/python -m tools.ci_examples

look: $(STAMP)  ## The access map's page in a real browser (Chromium), with axe-core (npm)
	@$(BIN)/python -m tools.look

bench: $(STAMP)  ## Time first and unchanged up against the engine's floor
	@$(BIN)/python -m benchmarks

conformance: $(STAMP)  ## Run recorded cases of External Secrets Operator, and compare (CASES=path)
	@$(BIN)/python -m tools.conformance $(if $(CASES),"$(CASES)")

conformance-gjson: $(STAMP)  ## Compare JSON properties with recorded gjson answers (CASES=path)
	@$(BIN)/python -m tools.conformance.gjson $(if $(CASES),--cases "$(CASES)")

FUZZ ?= --cases 10000

fuzz: $(STAMP)  ## Throw made-up templates, JSON properties and rewrites at the library (FUZZ="paths --cases 1000")
	@$(BIN)/python -m tools.fuzz $(FUZZ)

COMPILE = $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --upgrade \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header

lock: $(STAMP)  ## Renew requirements.lock from pyproject.toml, and requirements-uv.lock
	@$(BIN)/python -m pip install --quiet pip-tools
	@$(COMPILE) --extra dev --output-file requirements.lock pyproject.toml
	@echo uv | $(COMPILE) --output-file requirements-uv.lock -

clean:  ## Remove .venv, caches and the sandbox's files
	@rm -rf $(VENV) .sandbox .mypy_cache .ruff_cache build dist
