# `make review` and `make test` do everything a new user needs; both make the environment first if need be.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: review test check bench train lock clean

review: .venv/ready ## Review the bundled example submissions into ./review
	$(BIN)/readacross review corpus/examples/inbox --out review

test: .venv/ready ## Pass the tests
	$(BIN)/python -m pytest --numprocesses 2

check: .venv/ready ## Style, types and the cues' twins
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/readacross packs check rules/packs/home-office-2008/pack.yaml

bench: .venv/ready ## Engine speed, beside plain pdfplumber in the same run; record and workbench under load; whole rounds, small (at full size, for hours: .venv/bin/python -m benchmarks.batch --full)
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.reading
	$(BIN)/python -m benchmarks.old
	$(BIN)/python -m benchmarks.ocr
	$(BIN)/python -m benchmarks.record
	$(BIN)/python -m benchmarks.deciding
	$(BIN)/python -m benchmarks.batch

train: .venv/ready ## Train the classifier from the corpus
	$(BIN)/python -m classifiers.train

lock: ## Resolve the dependencies anew (needs uv)
	uv pip compile pyproject.toml --group dev --extra postgresql --extra cluster --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" -o requirements.lock

.venv/ready: pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 11) <= v < (3, 14) else f"Read-across needs Python 3.11, 3.12 or 3.13; this is {v[0]}.{v[1]}. Say: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

clean: ## Remove the environment and the example review
	rm -rf .venv review build *.egg-info
