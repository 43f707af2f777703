# salesflow. `make help` lists what there is. Python 3.11 or newer and make are all that a machine needs.

PORT ?= 8000
HOST ?= 127.0.0.1
PYTHON ?= $(shell for each in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)

# Both make or refresh .venv where needed, then become the command.
WITH_PRODUCT = @exec $(or $(PYTHON),python3) webapp/launch/bootstrap.py run
WITH_TESTS = @$(or $(PYTHON),python3) webapp/launch/bootstrap.py test

# Compiled modules are kept, whatever the environment says: tests alone start Python more than a hundred times.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run stop test check format bench lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: ## Start everything and say where (PORT=8000, HOST=127.0.0.1, DATABASE_URL=embedded)
	$(WITH_PRODUCT) salesflow run --port "$(PORT)" --host "$(HOST)"

stop: ## Stop what `make run` has started, PostgreSQL included
	$(WITH_PRODUCT) salesflow stop

test: check ## Check, then run every test: unit, property, PostgreSQL, browser
	$(WITH_TESTS) salesflow assets --with-tests
	$(WITH_TESTS) salesflow compile
	$(WITH_TESTS) pytest -n 2 --dist worksteal $(ARGS)

check: ## Lint, formatting, types, import contracts, templates
	$(WITH_TESTS) ruff check .
	$(WITH_TESTS) mypy
	$(WITH_TESTS) lint-imports
	$(WITH_TESTS) djlint webapp/templates --lint --quiet

format: ## Put Python files into the common form
	$(WITH_TESTS) ruff check --fix .
	$(WITH_TESTS) ruff format .

bench: ## Measure against bare pages on the same PostgreSQL (ARGS="--help" for more)
	$(WITH_TESTS) salesflow assets
	$(WITH_TESTS) python -m bench $(ARGS)

lock: ## Pin the newest versions that pyproject.toml allows (needs uv)
	printf 'setuptools>=80\n' | uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url pyproject.toml - -o requirements.lock
	printf 'setuptools>=80\n' | uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --extra dev -c requirements.lock pyproject.toml - \
		-o requirements-test.lock

clean: ## Remove what was installed and built; the data in var stay
	rm -rf .venv webapp/assets/node_modules webapp/static/dist *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
