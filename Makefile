# `make site` and `make test` need nothing but Python 3.11 or newer and make.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
FRONTEND := site_builder/frontend
FRONTEND_SOURCES := $(shell find $(FRONTEND) -type f -not -path '*/node_modules/*' 2>/dev/null)
SERVE ?= 1
RUN ?= 1
NO_RUN = $(if $(filter 0,$(RUN)),--no-run)
PORT ?= 8000
JOBS ?= 2

# Node builds the front end. Where there is no Node 20, a Python package brings one.
NPM = $(shell node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && command -v npm || \
	echo "$(abspath $(BIN))/python $(abspath $(FRONTEND))/npm.py")

.DEFAULT_GOAL := help
.PHONY: help setup site test lint browser docs clean

help: ## list these verbs
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/.ready site_builder/bundle/.ready ## make .venv, with wikitorch in it, and the front end

# RUN=0 runs nothing: pages show what is kept of earlier runs, and mark what is not.
site: setup ## run the models, build the site, serve it on 127.0.0.1:8000 (SERVE=0: only build into site/; RUN=0: run no model)
ifneq ($(RUN),0)
	$(BIN)/wikitorch models test --changed
endif
	$(BIN)/wikitorch build $(NO_RUN)
ifneq ($(SERVE),0)
	$(BIN)/wikitorch serve $(NO_RUN) --port $(PORT)
endif

test: setup browser lint ## test everything, a headless Chromium included
	$(BIN)/wikitorch models test
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --ignore=tests/models

lint: setup ## check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check site_builder tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	cd $(FRONTEND) && $(NPM) run --silent check

browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	{ command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -y -q chromium; } || \
	$(BIN)/playwright install chromium || \
	{ echo "make: the browser tests need Chromium: install it, so that 'chromium' is on PATH" >&2; exit 1; }

docs: setup ## write the generated parts of docs/
	$(BIN)/python -m site_builder.docs

clean: ## remove what was built, but not the environment
	rm -rf site .wikitorch site_builder/bundle $(FRONTEND)/node_modules

.venv/.ready: pyproject.toml constraints.txt
	@[ -n "$(PYTHON)" ] || { echo "make: Python 3.11 or newer is needed" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -c constraints.txt pip
	$(BIN)/python -m pip install -q -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[models,live,dev]'
	touch $@

site_builder/bundle/.ready: .venv/.ready $(FRONTEND_SOURCES)
	cd $(FRONTEND) && $(NPM) ci --silent --no-audit --no-fund && $(NPM) run --silent build
	touch $@
