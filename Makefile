# Two commands need nothing but Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Demo data: DATA="files" loads your own touchpoint files instead of the generated shop.
DATA      ?=
CUSTOMERS ?= 4000
HOST      ?= 127.0.0.1
PORT      ?= 8000

.PHONY: demo test test-fast test-2026 serve lint bench lock clean

demo: $(VENV)/.runtime
	@$(BIN)/journeygraph demo --customers $(CUSTOMERS) $(if $(DATA),--data "$(DATA)")

serve: $(VENV)/.runtime
	@$(BIN)/journeygraph db start
	@$(BIN)/journeygraph serve --host $(HOST) --port $(PORT)

# What needs no server, then the rest; on two processors, with a server for each (but one after the other on yours).
test: lint
	@$(BIN)/pytest -n 2 --dist loadfile -m "not graph and not browser"
	@$(BIN)/pytest -n $(if $(NEO4J_URI),0,2) --dist loadfile -m "graph or browser"

# Unit tests only: no database, no browser.
test-fast: $(VENV)/.dev
	@$(BIN)/pytest -m "not graph and not browser and not slow"

# Everything that needs a graph again, on the second Neo4j version.
test-2026: $(VENV)/.dev
	@JOURNEYGRAPH_NEO4J_VERSION=2026 $(BIN)/pytest -m "graph and not slow"

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks

# Fresh lock files: versions and hashes, no addresses.  Needs `uv`.
lock:
	uv pip compile -q pyproject.toml --extra fast --extra build --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.lock
	uv pip compile -q pyproject.toml --extra fast --extra xgboost --extra dev --extra build --universal --python-version 3.11 -c requirements.lock \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements-dev.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "JourneyGraph needs Python 3.11 or newer, this is %d.%d: set PYTHON=/path/to/python3.11." % sys.version_info[:2] or 0)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the locked development packages into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
