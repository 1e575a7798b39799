# What people and machines do with this checkout. `make help` lists it.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check
# Compiled on installation, so that a changed one is installed anew.
COMPILED := $(wildcard model/*/*.pyx model/*/*/*.pyx)
LOCKS := requirements/build.txt requirements/runtime.txt requirements/dev.txt
# Touched when the environment holds exactly what the locks and pyproject.toml say.
STAMP := $(VENV)/.installed
CHECKED := config dicom_io model node tests

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fuzz bench crash soak paper viewers ohif format reference pictures lock clean

help: ## list what can be made
	@echo "exhaustion-node: make WHAT, where WHAT is"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv with the locked dependencies; the others do it by themselves

# PyRadiomics' build imports numpy, so the build tools come first and the rest is built
# with them. Hashes are checked for every file, from whichever index or mirror it comes.
$(STAMP): $(LOCKS) pyproject.toml $(COMPILED)
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is not here: install Python 3.11 with venv and headers," \
	       "or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --require-hashes -r requirements/build.txt
	$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements/runtime.txt
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## the main job on this machine: a study in, a scored study out
	$(BIN)/exhaustion-node demo

test: setup ## all tests that this machine has the tools for; says what it skipped
	$(BIN)/pytest --numprocesses auto --dist worksteal

check: setup ## format, lint, types and import contracts
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

bench: setup ## measure, and write build/bench.json; ONLY=name for one measurement
	$(BIN)/python -m tests.benchmarks $(ONLY)

crash: setup ## kill the node at each fault point; prints what was kept
	$(BIN)/python -m tests.system.crash

soak: setup ## 20 000 objects from 8 senders, killed 30 times; at most 10 minutes
	$(BIN)/python -m tests.soak

fuzz: setup ## hostile files and associations, seeded, under 10 minutes; FUZZ="--seed 7"
	$(BIN)/python -m tests.fuzz $(FUZZ)

paper: setup ## the paper's whole study on phantoms, into build/paper
	$(BIN)/python -m tests.paper

viewers: setup ohif ## show a result in the viewers that are here; pictures go to build/viewers
	$(BIN)/pytest tests/viewers

# The published build of the OHIF viewer, without the packages that it was built from.
# The file of its checksum also names its version.
OHIF_SUM := tests/viewers/ohif-app.sha512
OHIF_FILE := $(lastword $(shell cat $(OHIF_SUM)))
OHIF_VERSION := $(patsubst ohif-app-%.tgz,%,$(OHIF_FILE))
ohif: build/ohif/.unpacked ## fetch the web viewer that results are shown in (needs npm)

build/ohif/.unpacked: $(OHIF_SUM)
	@if ! command -v npm >/dev/null; then \
	  echo "npm is not here: results are not shown in OHIF" >&2; exit 0; fi; \
	rm -rf build/ohif && mkdir -p build/ohif && cd build/ohif && \
	npm pack --silent "@ohif/app@$(OHIF_VERSION)" && \
	sha512sum --check --quiet ../../$(OHIF_SUM) && \
	tar -xzf $(OHIF_FILE) && rm $(OHIF_FILE) && touch .unpacked

format: setup ## put the code into the common form
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

reference: setup ## write config/node.toml and docs/configuration.md from the schema
	$(BIN)/python -m config.reference

pictures: setup ## make the pictures of the documents anew, from phantoms
	$(BIN)/python -m tests.pictures

# Needs uv (https://docs.astral.sh/uv). The locks hold names, versions and hashes, but no
# addresses: sites install from their own mirrors.
COMPILE := uv pip compile --quiet --generate-hashes --python-version 3.11 \
  --no-emit-index-url --no-emit-find-links --no-header
lock: ## choose new versions of all dependencies within requirements/*.in (needs uv)
	cd requirements && $(COMPILE) --upgrade runtime.in --output-file runtime.txt
	cd requirements && $(COMPILE) --upgrade build.in --output-file build.txt
	cd requirements && $(COMPILE) --upgrade dev.in --output-file dev.txt

clean: ## remove .venv, caches and everything that was made
	rm -rf $(VENV) build dist demo-results *.egg-info .mypy_cache .ruff_cache \
	  .pytest_cache .import_linter_cache .hypothesis
	rm -f model/*/*.c model/*/*.so model/*/*/*.c model/*/*/*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
