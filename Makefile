# Beatline's commands. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# Each has servers of its own, and waits for them half of its time.
JOBS   ?= 2

# Who wants no compiled code beside the sources finds it in here. Without any, every program
# compiles every library at every start, which takes longer than all the rest of it.
ifneq ($(PYTHONDONTWRITEBYTECODE),)
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/bytecode
endif

.DEFAULT_GOAL := help
.PHONY: help demo run test chaos mutants bench bench-scale check format openapi lock clean

help: ## List these commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

demo: $(READY) ## Set everything up, make real purchases end to end, check every file, take it all down
	@$(BIN)/beatline demo

run: $(READY) $(VENV)/.node ## Bring the whole system up and keep it up (ARGS="--port-base 18000 --data DIR")
	@$(BIN)/beatline up $(ARGS)

test: $(READY) ## Run the tests (ARGS="-k webhook")
	@$(BIN)/pytest --numprocesses $(JOBS) --dist loadfile $(ARGS)

chaos: $(READY) ## Orders under a seeded plan of faults (SCENARIO=everything ORDERS=100 SEED=1 ARGS="--data DIR")
	@$(BIN)/python -m tests.chaos $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(ORDERS),--orders $(ORDERS)) $(if $(SEED),--seed $(SEED)) $(ARGS)

mutants: $(READY) ## Take one thing after another out of the code, and see whether anything notices
	@$(BIN)/python -m tests.mutants $(ARGS)

bench: $(READY) $(VENV)/.bench ## An order's cost, beside a bare workflow, a naive shop and DBOS (ORDERS=200 ARGS="--rounds 3")
	@$(BIN)/python -m bench $(if $(ORDERS),--orders $(ORDERS)) $(ARGS)

bench-scale: $(READY) ## A shop as it grows: 10 thousand orders against a million, 1,000 beats against 100,000 (ARGS="--part catalogue")
	@$(BIN)/python -m bench.scale $(ARGS)

check: $(READY) ## Format, lint, types, import contracts; the storefront's, where Node is
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/python -m tests.storefront.npm check

format: $(READY) ## Rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

openapi: $(READY) ## Renew docs/openapi.json from the code
	@$(BIN)/beatline openapi > docs/openapi.json

lock: $(READY) ## Renew requirements/*.txt from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --constraint requirements/runtime.txt --extra sandbox --extra dev pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --group pyproject.toml:node -o requirements/node.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --constraint requirements/dev.txt --group pyproject.toml:bench -o requirements/bench.txt

clean: ## Remove the environment and what running left behind
	rm -rf $(VENV) storefront/node_modules storefront/.built storefront/dist .beatline .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# uv installs in seconds; where it can't (an unusual platform or index), pip does the same from the same lock.
$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Beatline needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt \
		|| $(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . \
		|| $(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $(READY)

# What the bench compares with and draws with, beside all the rest.
$(VENV)/.bench: $(READY) requirements/bench.txt
	@echo "Getting what the bench needs (once) ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

# Node, which builds the shop: the machine's own, else a wheel. Without either all the rest runs.
$(VENV)/.node: $(READY) requirements/node.txt
	@{ command -v npm && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a * 100 + +b < 2019 ? 1 : 0)'; } >/dev/null 2>&1 \
		|| { echo "Getting Node, to build the shop with (once) ..." \
			&& $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt; } \
		|| { echo "No Node to be had: the shop is not built."; exit 0; } && touch $@
