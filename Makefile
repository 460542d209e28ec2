# `make` alone lists the commands. Logic of more than a line lives in .ci/, mgestion/launch/, tests/servers/.
.DEFAULT_GOAL := help
.PHONY: help run test check requirements mutants bench chaos load lighthouse scan week lock clean venv venv-dev
PORT ?= 8000
VENV := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Every command starts many Pythons; without bytecode each of them would compile the project anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: venv ## the whole portal on this machine: make run [PORT=8000]
	@exec $(VENV)/python -m mgestion.launch --port "$(PORT)"

test: venv-dev ## every test: PostgreSQL, SQLite, browser (SMOKE=1: a few; LONG=1: more examples; FORBID_SKIPS=1)
	@exec $(VENV)/python -m tests.servers.run_suite

check: venv-dev ## style, types, templates, migrations, production settings
	@.ci/check

requirements: venv-dev ## lines of docs/requirements.md with the tests that prove them
	@exec $(VENV)/python -m tests.requirements

mutants: venv-dev ## one-line faults that the tests must notice (tests/mutants_table)
	@exec $(VENV)/python -m tests.mutants

bench: venv-dev ## the measures of benchmarks/
	@exec $(VENV)/python -m benchmarks.run

chaos: venv-dev ## break the portal under load (kill, freeze, full disks, wrong clocks), then compare what was told with what is held
	@exec $(VENV)/python -m benchmarks.chaos

lighthouse: venv-dev ## the tests of the ten main pages under Lighthouse, mobile (needs node, npm and Chromium; ten minutes)
	@exec $(VENV)/python -m tests.servers.run_suite --lane lighthouse

scan: venv-dev ## bandit, semgrep, hadolint, audits, headers, the Nu checker and wapiti; what they find must be explained
	@exec $(VENV)/python -m benchmarks.scan

load: venv-dev ## more and more people until pages are slow: the knee, and what is short (docs/load.md)
	@exec $(VENV)/python -m benchmarks.load

week: venv-dev ## seven days of people and jobs, then five years: what grows has an end (tests/growth)
	@LONG=1 exec $(VENV)/python -m tests.servers.run_suite --lane postgres -- tests/growth/test_week.py

lock: venv-dev ## compile requirements*.in into the hashed requirements*.txt
	@.ci/lock

clean: ## forget the virtual environment, caches and local data (asks nothing: the demo is made again)
	rm -rf .venv data .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@.ci/environment requirements.txt

venv-dev:
	@.ci/environment requirements-dev.txt
