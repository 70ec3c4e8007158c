# The two commands are `make demo` and `make test`; both prepare what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TEST_WORKERS ?= 2

.PHONY: setup setup-demo setup-dev demo test lint types imports unit proof bench lock clean

setup: $(VENV)/.setup
setup-demo: $(VENV)/.setup-demo
setup-dev: $(VENV)/.setup-dev

$(VENV)/.setup: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tandem needs Python 3.11 or newer; try make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Tandem into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.setup-demo: requirements-demo.txt $(VENV)/.setup
	@echo "Installing the page of the local Slack …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-demo.txt
	@touch $@

$(VENV)/.setup-dev: requirements-dev.txt $(VENV)/.setup
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: setup-demo
	@$(BIN)/tandem demo $(ARGS)

test: setup-dev lint types imports unit

lint: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup-dev
	$(BIN)/mypy

imports: setup-dev
	$(BIN)/lint-imports

unit: setup-dev
	$(BIN)/pytest -m "not proof" -n $(TEST_WORKERS) --cov --cov-report=term $(ARGS)

proof: setup-dev
	$(BIN)/pytest -m proof --timeout=1200 -s $(ARGS)

bench: setup-dev
	$(BIN)/python -m bench

lock: setup-dev
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
	  --extra setup pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
	  --extra setup --extra page pyproject.toml -o requirements-demo.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
	  --extra setup --extra page --extra dev pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .coverage .import_linter_cache
