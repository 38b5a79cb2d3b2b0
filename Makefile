# Two commands from a fresh clone with Python 3.10 or newer, a C++ compiler and make:
#   make run     the default trial; options in ARGS, for example  make run ARGS="--setup place_cell --seed 1"
#   make test    the tests, in a few minutes
# Also: make test-all (with the slow tests: schedulers, kills, whole experiments; and the notebooks), make omv (the tests of
# Open Source Brain's model validation, part of test-all; needs Java), make site (these pages, gallery and
# API, in build/site), make notebooks (run anew, with their figures), make
# regenerate (NeuroML cells and mod files; needs Java), make measures (docs/measures.md), make browser (bundle of the reports' pages;
# needs Node), make lint, make lock, make clean; and of the tests themselves make coverage, make mutants, make machines
# (docs/robustness.md).

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
PYTEST_ARGS ?= -n 2 --dist loadfile

BIN := $(VENV)/bin
READY := $(VENV)/made-from-lock
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
UV := PATH="$$PATH:$(BIN)" uv pip install --quiet --python $(BIN)/python

# Python keeps what it has compiled, whatever the environment says: else each start compiles all libraries anew, in a second
# and 40 MB more.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-all site notebooks coverage mutants machines omv regenerate measures browser lint lock clean

run: $(READY)
	$(BIN)/python scripts/run_netpyne.py $(ARGS)

test: $(READY)
	$(BIN)/python -m pytest -m "not slow" $(PYTEST_ARGS)

test-all: $(READY)
	$(BIN)/python -m pytest --nbmake $(PYTEST_ARGS) tests notebooks

# Every warning is an error. The scripts of the gallery run; those that have not changed since the last build do not.
site: $(READY)
	$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --conf-dir docs/site . build/site
	@echo "the site: build/site/index.html"

# Runs the notebooks and keeps what they show; their text is edited in the .py files.
notebooks: $(READY)
	$(BIN)/jupytext --sync notebooks/*.py
	$(BIN)/python -m pytest --nbmake --overwrite notebooks

# Lines and branches that no quick test comes to, by file.
coverage: $(READY)
	$(BIN)/python -m pytest -m "not slow" $(PYTEST_ARGS) --cov --cov-report=term-missing:skip-covered

# Changes that no test notices; ARGS="analysis --sample 20" for less of it.
mutants: $(READY)
	$(BIN)/python scripts/mutants.py $(ARGS)

# The wheel in new environments, with the oldest and the newest libraries that pyproject.toml takes.
machines: $(READY)
	$(BIN)/python scripts/clean_machines.py $(ARGS)

omv: $(READY)
	$(BIN)/python scripts/omv.py

regenerate: $(READY)
	$(BIN)/python scripts/build_neuroml.py
	$(BIN)/python scripts/convert_mechanisms.py
	$(BIN)/ca1 export netpyne NetPyNE --config NetPyNE/configuration.json --overwrite

measures: $(READY)
	$(BIN)/python -c "from netpyne_model.analysis.measures import as_page; print(as_page(), end='')" > docs/measures.md

# The JavaScript of the reports' pages; needs Node. What it writes (bundle/) is committed.
browser:
	cd netpyne_model/reports/browser && npm ci --ignore-scripts --no-audit --no-fund && npm run build

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/lint-imports
	$(BIN)/mypy

# uv, the user's or one of its own, installs in seconds what takes pip a minute; where it is not to be had (no wheel for
# the machine, an index that only pip knows of), pip does it.
$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("error: this needs Python 3.10 or newer, found " + sys.version.split()[0] + "; give another one: make PYTHON=python3.12" if sys.version_info < (3, 10) else 0)'
	$(PYTHON) -m venv --clear $(VENV)
	@command -v uv > /dev/null || $(PIP) install $$(sed -n 's/ .*//; /^uv==/p' requirements.lock) || echo "going on without uv"
	$(UV) --requirement requirements.lock || $(PIP) install --requirement requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

# Keeps the pinned versions that still satisfy pyproject.toml; add LOCK_ARGS=--upgrade to move them all.
# One file for every version of Python that pyproject.toml takes: where a library has left the oldest, a line for each.
lock: $(READY)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --extra test --extra docs --extra dev --annotation-style=line \
		--custom-compile-command "make lock" $(LOCK_ARGS) --output-file requirements.lock pyproject.toml

clean:
	rm -f NeuroML2/*.hoc NeuroML2/*.mod NeuroML2/*.dat NeuroML2/*.json NeuroML2/LEMS_*.py omv/*.dat
	rm -rf NeuroML2/x86_64 NeuroML2/arm64
	rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache .mypy_cache .import_linter_cache build dist
	find netpyne_model scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +
