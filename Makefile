# make run: the app. make test: the check. Both need Python 3.11 or newer, and nothing else.
# PYTHON=/path/to/python chooses the interpreter; ARGS="--server.port=8600" goes to streamlit, ARGS="-k share" to pytest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: run test test-all check style lint format clean help

BIN := .venv/bin
PYTHON ?=
ARGS ?=
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist loadgroup
SELECT :=

run: .venv/.run-stamp  ## install what the app needs into .venv and start it
	$(BIN)/python -m streamlit run streamlit_app.py $(ARGS)

test: SELECT := -m "not long"
test: check  ## format, lint, types and all tests but the long ones, those in a real browser included

test-all: check  ## the same with the long tests

# A worker a core, and mypy beside them. Both are waited for, and a failure of either fails the target.
check: style
	$(BIN)/python tests/browser/ensure_browser.py
	@$(BIN)/mypy --strict dlcore >.venv/mypy.log 2>&1 & types=$$!; \
	$(PYTEST) $(SELECT) $(ARGS); tests=$$?; \
	wait $$types; types=$$?; \
	echo "mypy --strict dlcore:"; cat .venv/mypy.log; \
	[ $$tests -eq 0 ] && [ $$types -eq 0 ]

style: .venv/.test-stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

lint: style  ## format, lint and types alone
	$(BIN)/mypy --strict dlcore

format: .venv/.test-stamp  ## format the code, and repair what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove .venv and all caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 14

# The stamps are newer than the requirements they were installed from.
.venv/.run-stamp: requirements.txt $(BIN)/python
	$(BIN)/python -m pip install --requirement requirements.txt
	@touch $@

.venv/.test-stamp: requirements-dev.txt requirements.txt $(BIN)/python
	$(BIN)/python -m pip install --requirement requirements-dev.txt
	@touch .venv/.run-stamp $@

# A name on PATH may be a shim without an interpreter behind it, so each candidate is asked for its version.
$(BIN)/python:
	@set -e; found=; \
	for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			found=$$candidate; break; \
		fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "No Python 3.11 or newer found (tried $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python))." >&2; \
		echo "Install one, or name it: make run PYTHON=/path/to/python" >&2; \
		exit 1; \
	fi; \
	echo "Making .venv with $$("$$found" --version)"; \
	"$$found" -m venv --clear .venv || { \
		rm -rf .venv; \
		echo "Python could not make .venv. On Debian and Ubuntu its venv module is a package: apt install python3-venv" >&2; \
		exit 1; \
	}
