# The portal's commands: `make run` to look around, `make test` to check, `make help` for the rest.

# Debian's own Python where it is there: it is built with profiles, and many others are not.
DEBIAN_PYTHON := /usr/bin/python3.11
PYTHON ?= $(shell $(DEBIAN_PYTHON) -c 'import ensurepip, venv' 2>/dev/null && echo $(DEBIAN_PYTHON) || echo python3)
PORT ?= 8000
KILLS ?= 200
JOBS ?= 2
FUZZ ?= 2000
VENV := .venv
BIN := $(VENV)/bin
LOCALES := portal/translations

SYSTEM := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
SYSTEM_FOR_TESTS := $(SYSTEM) chromium-headless-shell fonts-noto-cjk poppler-utils softhsm2 libreoffice-calc-nogui mosquitto curl
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard $(LOCALES)/*/LC_MESSAGES/*.po))
PACKAGE := setup.py setup.cfg pyproject.toml
BUILD_TOOL := $(VENV)/build-tool.txt

.PHONY: help run setup setup-test test check bite benchmark crawl roundtrip fuzz resilience load coverage format messages migration lock sbom audit system system-test
.DELETE_ON_ERROR:

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

run: setup ## Set up, load the demo alliance, serve it on http://127.0.0.1:8000 (PORT= for another)
	@export PORT=$(PORT) PORTAL_DEMO="$${PORTAL_DEMO:-1}"; \
	$(BIN)/portal init && $(BIN)/portal demo && exec $(BIN)/portal serve

setup: system $(VENV)/installed $(CATALOGUES) ## Install all that `make run` needs

setup-test: system-test $(VENV)/installed-test $(CATALOGUES) ## Install all that `make test` needs

test: setup-test check ## Check the code, then run every test (benchmarks apart)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: ## Look for what tools can find without running anything
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bite: setup-test ## Plant one mistake after the other, and see that the tests notice each (JOBS= at a time)
	$(BIN)/python -m tests.planted.bite --jobs $(JOBS)

benchmark: setup-test ## Measure against the floors (wants a quiet machine)
	@failed=; for script in $(filter-out %/bench_load.py,$(wildcard tests/benchmarks/bench_*.py)); do \
		echo "== $$script"; PYTHONPATH=. $(BIN)/python $$script || failed="$$failed $$script"; \
	done; [ -z "$$failed" ] || { echo "over its limit:$$failed"; exit 1; }

crawl: setup-test ## Look for each member's data in all that everybody else is answered, and say how much was read (more than an hour)
	PORTAL_TEST_EVERY_PAGE=1 $(BIN)/python -m pytest -q -s tests/integration/test_crawl.py

roundtrip: setup-test ## Take every year of the whole demo out as a workbook in both languages, and see that it comes back unchanged (half an hour)
	PORTAL_TEST_WHOLE_DEMO=1 $(BIN)/python -m pytest -q -s tests/integration/test_demo_workbooks.py -k sqlite

fuzz: setup-test ## Ask every operation of the API 2,000 made-up questions with three seeds and four tokens (many hours; FUZZ= for fewer)
	PORTAL_TEST_FUZZ=$(FUZZ) $(BIN)/python -m pytest -q -n 2 -rP tests/integration/test_api_fuzz.py -k sqlite

resilience: setup-test ## Fail each action at each step, then kill the portal 200 times on each database, and 20 times among programs (an hour)
	PORTAL_TEST_KEYS=20 $(BIN)/python -m pytest -q -rP tests/resilience/test_keys.py
	PORTAL_TEST_EVERY_FAULT=1 $(BIN)/python -m pytest -q -s tests/resilience/test_faults.py
	$(BIN)/python -m tests.resilience.killing --kills $(KILLS)

load: setup-test ## Let 20 people walk on SQLite and 100 on PostgreSQL, ten minutes each (wants a quiet machine)
	PYTHONPATH=. $(BIN)/python tests/benchmarks/bench_load.py

coverage: setup-test ## Run every test in one process and say which branches were never taken
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage report

format: ## Lay out the code and sort its imports
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

messages: ## Collect the texts of code and templates into the catalogues, say what is not translated, compile them
	@mkdir -p build
	$(BIN)/pybabel -q extract -F $(LOCALES)/babel.cfg -k lazy_gettext -k lazy_ngettext:1,2 -k lazy_pgettext:1c,2 \
		--no-location --sort-output --omit-header -o build/messages.pot portal templates
	$(BIN)/pybabel -q update -i build/messages.pot -d $(LOCALES) -D messages \
		--no-fuzzy-matching --no-wrap --ignore-obsolete --ignore-pot-creation-date
	$(BIN)/python -m pytest -q -p no:randomly tests/conventions/test_catalogues.py
	@$(MAKE) --no-print-directory $(CATALOGUES)

migration: ## Draft a migration: make migration NAME="add the review queue"
	$(BIN)/python migrations/draft.py "$(NAME)"

%.mo: %.po
	$(BIN)/pybabel compile -i $< -o $@

# --- what the targets above stand on ---

# The two lists hold exact versions with hashes, so that what was tested is what is installed.
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --no-build-isolation
# Everything comes as a wheel, so that no package's own script runs; the one that has none is named.
LOCKED := --require-hashes --only-binary=:all: --no-binary=flask-principal

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Packages that are built here need the build tool first, at its locked version too.
$(BUILD_TOOL): requirements.lock | $(BIN)/python
	@awk '/^[a-z]/ { wanted = /^setuptools==/ } wanted' requirements.lock > $@
	$(PIP) $(LOCKED) -r $@

$(VENV)/installed: requirements.lock $(PACKAGE) $(BUILD_TOOL)
	$(PIP) $(LOCKED) -r requirements.lock
	$(PIP) --no-deps --editable .
	@touch $@

$(VENV)/installed-test: requirements-test.lock $(PACKAGE) $(BUILD_TOOL)
	$(PIP) $(LOCKED) -r requirements-test.lock
	$(PIP) --no-deps --editable .
	@touch $@ $(VENV)/installed

# Debian's packages: installed when we are root, named when we are not.
define need
	@set -e; missing=; \
	if ! command -v dpkg-query >/dev/null; then \
		echo "This is not Debian: its packages$(1) are needed under the names of this system."; exit 0; \
	fi; \
	for package in $(1); do \
		dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null | grep -q 'install ok installed' \
			|| missing="$$missing $$package"; \
	done; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || missing="$$missing python3-venv"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ]; then \
		echo "These system packages are missing. Please run:"; \
		echo "  sudo apt-get install --no-install-recommends$$missing"; exit 1; \
	fi; \
	echo "Installing system packages:$$missing"; export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -qq && apt-get install -qq -y --no-install-recommends $$missing >/dev/null
endef

system:
	$(call need,$(SYSTEM))

system-test:
	$(call need,$(SYSTEM_FOR_TESTS))

lock: ## Renew the lists of exact versions and hashes (reads the public package index)
	@rm -rf build/lock && $(PYTHON) -m venv build/lock && build/lock/bin/pip install -q pip-tools
	@for list in "requirements.lock" "requirements-test.lock --extra test -c requirements.lock"; do \
		env -u PIP_FIND_LINKS PIP_CONFIG_FILE=/dev/null build/lock/bin/pip-compile -q --upgrade --generate-hashes \
			--no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
			--no-emit-options --strip-extras --allow-unsafe --all-build-deps -o $$list setup.py || exit 1; \
	done

sbom: setup-test ## Write the bill of materials (CycloneDX) of the locked libraries and of this machine to build/sbom.cdx.json
	$(BIN)/python -m supply.bill build/sbom.cdx.json

audit: setup-test ## Ask whether an advisory is open about a locked library (reads the public advisory data)
	@rm -rf build/audit && $(PYTHON) -m venv build/audit && build/audit/bin/pip install -q pip-audit
	@build/audit/bin/pip-audit --disable-pip --no-deps --require-hashes -r requirements.lock \
		--format json --output build/audit.json --progress-spinner off || [ -s build/audit.json ]
	$(BIN)/python -m supply.audit build/audit.json
