# Everything a clone needs: `make demo` and `make test` do their own set-up. ARGS="…" is handed on.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
ARGS ?=
unexport PYTHONDONTWRITEBYTECODE  # with it, every process would compile all of Kehu anew: 4 seconds instead of 1.6

.PHONY: help setup demo test faults lint screenshots bench reference lock clean

help:  ## Show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup:  ## Create .venv from the lock and compile the translations (quick when nothing changed)
	@test -n "$(PYTHON)" || { echo "Kehu needs Python 3.11 or newer: install it, or run make PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) scripts/setup_venv.py
	@$(BIN)/python scripts/compile_messages.py
	@$(MAKE) --no-print-directory .cache/kernels

.cache/kernels: $(wildcard src/kehu/resolve/*.py)
	@echo "Compiling the matching kernels (once)"
	@$(BIN)/python -m kehu.resolve.warm_up
	@mkdir -p .cache && touch $@

demo: setup  ## Build the demo company, run the road and serve it (ARGS="--people 5000 --no-serve --json")
	@$(BIN)/kehu demo $(ARGS)

test: setup  ## Everything CI runs (ARGS go to pytest; with ARGS the static checks are skipped)
ifeq ($(strip $(ARGS)),)
	@$(MAKE) --no-print-directory lint
endif
	@$(BIN)/python scripts/find_browser.py
	@$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

lint: setup  ## Formatting, lint, types, layers, missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/kehu migrate --check-models --data-dir .cache/check

faults: setup  ## Kill processes under load: 0 lost, 0 doubled, and the negative controls go red
	@$(BIN)/pytest -m faults -p no:randomly $(ARGS) tests/faults

screenshots: setup  ## Every page, desktop and phone, zh and en, into screenshots/
	@$(BIN)/python scripts/find_browser.py
	@$(BIN)/python -m tests.screenshots $(ARGS)

bench: setup  ## Measure (ARGS="ingest", "import", "view", "search")
	@$(BIN)/kehu bench $(ARGS)

reference: setup  ## Write the generated pages of docs/reference
	@$(BIN)/python scripts/write_cli_reference.py
	@$(BIN)/python scripts/write_access_reference.py

lock: setup  ## Resolve pyproject.toml again into requirements/*.txt (ARGS="--upgrade")
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(ARGS) \
		pyproject.toml --extra dev -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(ARGS) \
		pyproject.toml -c requirements/dev.txt -o requirements/run.txt

clean:  ## Remove what set-up and the tests made (not .kehu, which holds data)
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
