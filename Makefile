# The one list of commands. `make help` prints it.

SHELL := /bin/sh
.DEFAULT_GOAL := help

BIN := .venv/bin
# The first Python of at least 3.11; scripts/python.sh says what to do when there is none.
SETUP = "$$(sh scripts/python.sh)" scripts/setup.py
# Packages younger than this are not taken into the locks: a poisoned release is mostly found within days.
LOCK_BEFORE ?= $(shell date -u -d '7 days ago' +%Y-%m-%d)
LOCK = uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--exclude-newer $(LOCK_BEFORE)
# Options for the program behind a command: `make run ARGS="--port 9000"`, `make test ARGS="-k money"`.
ARGS ?=

.PHONY: help setup run test check accept bench bench-peers catalog fuzz ui wheel clean lock docs

help: ## Print this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make .venv with all the program needs, and fetch the built-in model
	@$(SETUP) runtime package engine

run: ## Start the server (first time: install it first); the built-in model is fetched beside it
	@$(SETUP) runtime package engine_library
	@exec $(BIN)/modelhall serve $(ARGS)

test: ## Install all that tests need, then run the checks and every test
	@$(SETUP) dev package wheels system engine sdks
	@$(MAKE) --no-print-directory _check
	@$(MAKE) --no-print-directory _tests

check: ## Format, lint, types, layers, docs and house rules; no test of behaviour
	@$(SETUP) dev package
	@$(MAKE) --no-print-directory _check

.PHONY: _check
_check:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/python scripts/docs.py --check
	$(BIN)/python -m pytest tests/house --ignore=tests/house/test_wheel.py

# Tests run side by side, one process a core; those that need the machine for themselves run after them.
# 5 is pytest's word for "no such test", which ARGS can bring about in either half.
.PHONY: _tests
_tests:
	@$(BIN)/python -m pytest -n auto --dist worksteal -m "not timed and not alone" $(ARGS) || [ $$? -eq 5 ]
	@$(BIN)/python -m pytest -m "timed or alone" $(ARGS) || [ $$? -eq 5 ]

accept: ## The tests that count in hundreds, in their full form (long)
	@$(SETUP) dev package system engine sdks sdks_node
	@MODELHALL_FULL=1 $(BIN)/python -m pytest -m full $(ARGS)

bench: ## Measure the gateway against a direct call and nginx
	@$(SETUP) dev package bench
	@$(BIN)/python bench/run.py $(ARGS)

bench-peers: ## The same with other gateways beside it, each in its own environment
	@$(SETUP) dev package bench
	@$(BIN)/python bench/run.py --peers $(ARGS)

catalog: ## Renew the catalog of models and prices that ships with the package
	@$(SETUP) dev package
	@$(BIN)/python scripts/catalog/build.py $(ARGS)

docs: ## Write docs/reference from the code
	@$(SETUP) dev package
	@$(BIN)/python scripts/docs.py

wheel: ## Build dist/*.whl and dist/*.tar.gz from pinned tools
	@$(SETUP) build
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist .

lock: ## Renew the locks (needs uv); packages younger than a week are left out
	@PATH="$(CURDIR)/$(BIN):$$PATH"; command -v uv >/dev/null || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }; set -e; \
	$(LOCK) pyproject.toml -o requirements.lock; \
	$(LOCK) pyproject.toml requirements-dev.in -o requirements-dev.lock; \
	$(LOCK) requirements-build.in -o requirements-build.lock; \
	$(LOCK) requirements-sdks.in -o requirements-sdks.lock

fuzz: ## Feed spoiled bytes to every reader of strangers' bytes (ARGS="--seconds 180", ARGS="splitter")
	@$(SETUP) dev package
	@$(BIN)/python -m tests.fuzz $(ARGS)

ui: ## Not there yet
	@echo "make ui is reserved: the web page of this version is served as it is and has nothing to build." >&2; exit 2

clean: ## Remove what the commands above made (not your data)
	rm -rf .venv .venv-sdks tests/sdks/node/node_modules dist build bench/build .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests scripts bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
