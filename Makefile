# Needs make and any Python 3.11 to 3.13; everything else is installed into .venv.

PYTHON ?= python3.11 python3.12 python3.13 python3 python
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --no-build-isolation -c constraints.txt
SETUP := setup.cfg pyproject.toml constraints.txt
ARGS ?=
# One thread in each of two processes: two threads in each would wait for one another.
PYTEST := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast check format benchmark gallery site clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/demo.stamp  ## find music for the pictures the package brings: writes demo-output/index.html
	$(BIN)/va-space demo --output demo-output $(ARGS)

test: check  ## check, then all tests, in two processes; set VA_SPACE_DATA for those that need real data; ARGS="-k name" goes to pytest
	$(PYTEST) $(ARGS)

test-fast: $(VENV)/dev.stamp  ## most tests, without those that take long; says how many it leaves out
	$(PYTEST) -m 'not slow' $(ARGS)
	@echo 'Left out: the tests marked slow, and ruff and mypy. `make test` runs everything.' >&2

check: $(VENV)/dev.stamp  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/dev.stamp  ## let ruff repair what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmark: $(VENV)/dev.stamp  ## speed as ratios, in perf/ (the tables of the model itself: va-space benchmark)
	$(BIN)/python perf/embedding.py $(ARGS)

site: $(VENV)/dev.stamp  ## the documentation with an API reference, as pages in site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

gallery: $(VENV)/dev.stamp  ## docs/gallery.md with its pictures and sounds, from what the package ships
	$(BIN)/python scripts/make_gallery.py $(ARGS)

setup: $(VENV)/dev.stamp  ## only install, for development

clean:  ## remove .venv and all that was made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-output site
	find va_space tests perf -name __pycache__ -type d -prune -exec rm -rf {} +

# A Python that answers to the name may still be too old, a shim without a version behind it,
# or (on Debian) without ensurepip: so each candidate has to show what it can.
$(BIN)/python:
	@fits='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; \
	for python in $(PYTHON); do \
		if $$python -c "$$fits" >/dev/null 2>&1; then \
			echo "Using $$($$python --version) ($$python)" >&2; \
			exec $$python -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "va-space needs Python 3.11, 3.12 or 3.13 with its venv module (on Debian and Ubuntu:" >&2; \
	echo "apt install python3-venv). None fits among: $(PYTHON)." >&2; \
	echo "Name one by: make PYTHON=/path/to/python3.12 ..." >&2; \
	exit 1

# One environment for both. What the demo needs is part of what development needs, so the
# development stamp stands for both, and the demo alone installs less.
$(VENV)/demo.stamp: $(VENV)/build.stamp
	$(INSTALL) -e '.[demo,explain,studio,tags]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/build.stamp
	$(INSTALL) -e '.[dev]'
	@touch $(VENV)/demo.stamp $@

# The build tool first, and no isolated build after it: isolation would fetch its newest version.
$(VENV)/build.stamp: $(SETUP) | $(BIN)/python
	$(INSTALL) 'setuptools>=77'
	@touch $@
