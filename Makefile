# Everything runs in .venv, which is built on first use and again only when its recipe changes.
#
#   make lab                          open the course
#   make lab PORT=9000 BROWSER=no     the same on a server: no browser, the address is printed
#   make test                         run every check
#
# TORCH_INDEX=<address of one of PyTorch's wheel indexes> chooses a CPU or a CUDA build of PyTorch.

PYTHON ?= python3
PORT ?= 8888
BROWSER ?= yes
JOBS ?= 2
TORCH_INDEX ?=

VENV := .venv
BIN := $(VENV)/bin
SETTINGS := $(VENV)/share/jupyter/lab/settings
RECIPE := pyproject.toml constraints.txt
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
	$(if $(TORCH_INDEX),--extra-index-url "$(TORCH_INDEX)")

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help lab test lint docs bench bench-cuda notebooks format clean chromium

help:  ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 17

lab: $(VENV)/.installed  ## open the course in JupyterLab (PORT=8888, BROWSER=no on a server)
	$(BIN)/jupyter-lab --port=$(PORT) $(if $(filter no,$(BROWSER)),--no-browser) \
		$(if $(filter 0,$(shell id -u)),--allow-root) \
		--LabApp.default_url=/lab/tree/notebooks/00_start.ipynb

test: EXTRAS := cluster docs
test: $(VENV)/.packages $(VENV)/.cluster $(VENV)/.docs chromium  ## run every check; first all at once (JOBS=2), then what measures time
	@$(MAKE) --no-print-directory -j $(JOBS) $(VENV)/.installed lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --nbval -n $(JOBS) --no-loadscope-reorder \
		-m "not alone and not browser"  # a thread a worker; files of few, long tests not last
	$(BIN)/python -m pytest -m "alone or browser" tests

lint: | $(VENV)/.packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.installed $(VENV)/.docs  ## build the site into docs/_build/html
	$(BIN)/python docs/build.py docs/_build

bench: $(VENV)/.bench $(VENV)/.cumbof/.made  ## measure speed beside peers and the hardware's floor
	$(BIN)/python -m benchmarks

bench-cuda: $(VENV)/.bench  ## measure the kernels on this machine's GPU
	$(BIN)/python -m benchmarks.cuda

notebooks: $(VENV)/.installed  ## execute notebooks/src/*.md and write notebooks/*.ipynb
	$(BIN)/python notebooks/build.py
	$(BIN)/ruff check notebooks
	$(BIN)/ruff format --check notebooks

format: $(VENV)/.installed  ## tidy the code
	$(BIN)/ruff check --fix --extend-exclude '*.ipynb' .
	$(BIN)/ruff format --extend-exclude '*.ipynb' .

clean:  ## remove caches and built pages; the environment stays (rm -r .venv removes it)
	rm -rf docs/_build build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -exec rm -rf {} +

chromium:
	@.ci/chromium

# A stamp is newer than its recipe when nothing is to be done. The workbook and the tests share one
# environment, so that plain `pytest --nbval` runs where `make lab` does.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "hdlib needs Python 3.11 or newer: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# One run of pip resolves once: it also installs, and stamps, the extras that the goal names.
$(VENV)/.packages: $(RECIPE) | $(BIN)/python
	$(PIP) --no-compile -e '.[workbook,test$(EXTRAS:%=,%)]'
	@touch $@ $(EXTRAS:%=$(VENV)/.%)

$(VENV)/.cluster: $(RECIPE) | $(VENV)/.packages
	$(PIP) -e '.[cluster]'
	@touch $@

$(VENV)/.docs: $(RECIPE) | $(VENV)/.packages
	$(PIP) -e '.[docs]'
	@touch $@

# What takes a core for itself: pip's bytecode without the packages' own tests, and numba's kernels.
$(VENV)/.compiled: $(VENV)/.packages
	@$(BIN)/python -W ignore -m compileall -qq -x '/tests/' $(VENV)/lib || true  # not all of it is Python 3
	@touch $@

$(VENV)/.warm: $(VENV)/.packages $(wildcard hdlib/kernels/*.py hdlib/sets/fast.py)
	@$(BIN)/python -m hdlib.kernels.warm
	@$(BIN)/python -m hdlib.sets.warm
	@touch $@

$(VENV)/.installed: $(VENV)/.compiled $(VENV)/.warm
	@mkdir -p $(SETTINGS) && cp binder/overrides.json $(SETTINGS)  # JupyterLab fetches no news
	@touch $@

$(VENV)/.bench: $(RECIPE) | $(VENV)/.installed
	$(PIP) -e '.[bench]'
	@touch $@

# Another hdlib, on PyPI, has our import name: an environment of its own. Of what it asks for, its
# vectors need numpy alone. Without it the benchmark runs too, and says what it leaves out.
$(VENV)/.cumbof/.made: $(RECIPE) | $(VENV)/.bench
	$(BIN)/python -m venv $(VENV)/.cumbof
	$(VENV)/.cumbof/bin/python -m pip install --quiet --disable-pip-version-check \
		-c constraints.txt --no-deps numpy hdlib==2.1.0 && touch $@ || rm -r $(VENV)/.cumbof
