# Few verbs; every one sets up .venv by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-from-lock
POLICIES := policies/.venv
POLICIES_STAMP := $(POLICIES)/.installed-from-lock
DOCS := .venv-docs
DOCS_STAMP := $(DOCS)/.installed-from-lock
# Tests start thousands of processes: without compiled modules each of them compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE
PIP_INSTALL = $(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: help setup policies demo test test-policies test-slow test-pulumi test-kubernetes verified lint lint-ci docs test-docs look bench conformance conformance-gjson fuzz lock clean
.DEFAULT_GOAL := help

help:  ## Show the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.DEFAULT:
	@echo "There is no 'make $@'; 'make help' lists the verbs."; exit 2

setup: $(STAMP)  ## Create .venv from the lock file (the other verbs do this by themselves)

policies: $(POLICIES_STAMP)  ## Create the policy pack's own virtualenv, for pulumi's --policy-pack policies

# Sets up virtualenv $(1) from lock file $(2). uv installs in seconds what pip needs a minute for: it compiles nothing ahead
# of its use. It is told of pip's index, and where it cannot install, pip does.
define SET_UP
	@test ! -L $(1) || { echo "$(1) is a link: run 'make setup' where it points; this would empty it."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv --clear $(1)
	@index=$${PIP_INDEX_URL:-$$($(1)/bin/python -m pip config get global.index-url 2>/dev/null)}; \
	  if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	  if [ ! -t 2 ]; then export UV_NO_PROGRESS=1; quiet=--quiet; fi; \
	  $(PIP_INSTALL) --only-binary :all: --requirement requirements-uv.lock \
	  && $(1)/bin/uv pip install $$quiet --python $(1)/bin/python --require-hashes --requirement $(2) \
	  || { echo "uv could not install; pip tries (about a minute) ..."; $(PIP_INSTALL) --requirement $(2); }
	@touch $@
endef

$(STAMP): requirements.lock requirements-uv.lock
	@echo "Setting up $(VENV) (15 seconds and the time to download 150 MB, once) ..."
	$(call SET_UP,$(VENV),requirements.lock)

$(POLICIES_STAMP): policies/requirements.txt requirements-uv.lock
	@echo "Setting up $(POLICIES) (10 seconds and the time to download 60 MB, once) ..."
	$(call SET_UP,$(POLICIES),policies/requirements.txt)

$(DOCS_STAMP): docs/requirements.txt requirements-uv.lock
	@echo "Setting up $(DOCS) (5 seconds and the time to download 100 MB, once) ..."
	$(call SET_UP,$(DOCS),docs/requirements.txt)

# make passes over what nobody asks for, also a variable in lower case.
ifneq ($(filter detail=% rules=%,$(MAKEOVERRIDES)),)
$(error Write DETAIL=1 and RULES=1 in capitals)
endif

demo: $(STAMP) $(if $(RULES),$(POLICIES_STAMP))  ## Show the main job (DETAIL=1: all that Pulumi prints; RULES=1: a rule of the policy pack refuses)
	@$(BIN)/python -m sandbox demo $(if $(DETAIL),--detail) $(if $(RULES),--rules)

test: $(STAMP)  ## Lint, types, import layers and all tests but the slow ones
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n 3 --dist loadfile -m "not slow and not policy_pack and not docs"

test-policies: $(STAMP) $(POLICIES_STAMP)  ## The policy pack in its own virtualenv, by Pulumi's own runner and in the sandbox's engine
	@$(BIN)/python -m pytest -n 2 --dist loadscope -m policy_pack tests/policies tests/end_to_end/test_policy_pack.py

test-slow: $(STAMP) $(POLICIES_STAMP)  ## The tests that take long, about 10 minutes; TESTS=tests/sandbox runs those of one folder
	@$(BIN)/python -m pytest -n 2 --dist loadscope -m slow $(TESTS)

test-pulumi: $(STAMP) $(POLICIES_STAMP)  ## The end-to-end scenarios under the real pulumi CLI, compared with the sandbox's engine
	@$(BIN)/python -m tools.pulumi_cli

test-kubernetes: $(STAMP) $(POLICIES_STAMP)  ## All that touches Kubernetes on a real API server (the first time builds it: 7 minutes, needs Go)
	@$(BIN)/python -m tools.api_server

verified: $(STAMP)  ## Write docs/verified.md from what test-pulumi and test-kubernetes recorded
	@$(BIN)/python -m tools.verified

lint: $(STAMP)  ## ruff, mypy --strict, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

docs: $(DOCS_STAMP)  ## The pages as a site with the API reference, in .sandbox/docs
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --quiet --strict
	@echo "Open .sandbox/docs/index.html"

test-docs: $(STAMP) $(DOCS_STAMP)  ## The site, the CI files and the types, by mkdocs, actionlint, schemas and pyright
	@$(BIN)/python -m pytest -n 2 --dist load -m docs tests/docs

lint-ci: $(STAMP) $(DOCS_STAMP)  ## actionlint and the schemas of GitHub and GitLab on the examples in docs/ci
	@$(BIN)/python -m tools.ci_examples

look: $(STAMP)  ## The access map's page in a real browser (Chromium), with axe-core (npm)
	@$(BIN)/python -m tools.look

bench: $(STAMP)  ## Time first and unchanged up against the engine's floor
	@$(BIN)/python -m benchmarks

conformance: $(STAMP)  ## Run recorded cases of External Secrets Operator, and compare (CASES=path, GROUPED=1)
	@$(BIN)/python -m tools.conformance $(if $(GROUPED),--grouped) $(if $(CASES),"$(CASES)")

conformance-gjson: $(STAMP)  ## Compare JSON properties with recorded gjson answers (CASES=path)
	@$(BIN)/python -m tools.conformance.gjson $(if $(CASES),--cases "$(CASES)")

FUZZ ?= --cases 10000

fuzz: $(STAMP)  ## Throw made-up templates, JSON properties and rewrites at the library (FUZZ="paths --cases 1000")
	@$(BIN)/python -m tools.fuzz $(FUZZ)

COMPILE = $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --upgrade \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header

lock: $(STAMP) $(POLICIES_STAMP)  ## Renew requirements.lock from pyproject.toml, requirements-uv.lock and the lock of policies/
	@$(BIN)/python -m pip install --quiet pip-tools
	@$(COMPILE) --extra dev --output-file requirements.lock pyproject.toml
	@echo uv | $(COMPILE) --output-file requirements-uv.lock -
	@cd policies && .venv/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --upgrade \
	  --no-header --output-file requirements.txt requirements.in
	@cd docs && ../policies/.venv/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --upgrade \
	  --no-header --output-file requirements.txt requirements.in

clean:  ## Remove .venv, caches and the sandbox's files
	@rm -rf $(VENV) $(POLICIES) $(DOCS) .sandbox .mypy_cache .ruff_cache build dist
