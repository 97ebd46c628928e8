# make demo    run the whole appliance on this machine
# make test    run every test but those of deploy-test
# make check   what to run before a commit: format, lint, types, imports, the fast tests
# make deploy-test   the playbooks, against a booted Debian; networks, on its own kernel (root)
# make lab     a shop in network namespaces, to play with (root)
# make bundle  what a release is installed from, offline: build/doorman-<version>-bundle.tar.gz
# make ansible what runs the playbooks, from its lock: .venv/ansible/bin
# make screenshots   the pictures of docs/pictures, of the demo in a browser
# make sbom    the list of all parts, as CycloneDX: build/sbom.json
# make audit   known holes in them, offline: OSV="PyPI.zip npm.zip" (docs/operations/supply-chain.md)
# make bench   measure beside peers; writes build/bench.json
# make soak    the appliance through two days of a shop: MINUTES=60 SPEED=20 (root)
# make bench-accuracy   how true devices and visits are; writes docs/figures/*accuracy.md

PYTHON ?= python3
BIN := .venv/bin

# Tests start programs by the hundred: each would compile the whole of ours.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: ansible bundle demo test unit check deploy-test lab bench sbom audit screenshots soak bench-accuracy setup static docs lock format clean

demo: .venv/demo
	@$(BIN)/doorman demo --cache build

# What is timed comes last and by itself. So does the booted Debian: make deploy-test, after it.
test: setup
	$(MAKE) --jobs=2 static unit
	$(BIN)/pytest -m timed tests/lab

# Neighbours in a file share what is made for them, so each worker begins with a stretch of files.
unit: .venv/dev
	$(BIN)/pytest --numprocesses=3 --dist=worksteal -m "not timed and not deploy"

check: setup static
	$(BIN)/pytest --numprocesses=2 -m "not lab and not deploy and not browser and not slow"

setup: .venv/dev .venv/tryton/installed .venv/ansible/installed
	@scripts/system-packages test

static: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A bare Debian, booted, becomes a gateway; upgrades, power cuts, uninstalling. Networks that the
# roles describe, on Debian's kernel in an emulated machine (docs/operations/proof.md). Two boxes at
# once; other tests beside them would make them slow.
deploy-test: setup
	$(BIN)/pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder -m deploy tests/deploy tests/kernel

lab: setup
	$(BIN)/python -m tests.lab.playground

bundle: .venv/demo
	@$(BIN)/python scripts/bundle

sbom: .venv/dev
	@mkdir -p build
	@$(BIN)/python scripts/sbom >build/sbom.json.new
	@mv build/sbom.json.new build/sbom.json

audit: sbom
	@$(BIN)/python scripts/audit build/sbom.json $(OSV) $(addprefix --accept=,$(ACCEPT))

ansible: .venv/ansible/installed

screenshots: .venv/dev
	@$(BIN)/python scripts/screenshots

bench: setup
	@scripts/system-packages bench
	$(BIN)/python -m tests.bench

soak: setup
	$(BIN)/python -m tests.bench.soak $(MINUTES) $(SPEED)
MINUTES ?= 60
SPEED ?= 20

bench-accuracy: .venv/dev
	$(BIN)/python -m tests.bench.accuracy
	$(BIN)/python -m tests.bench.visits

format: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/dev
	$(BIN)/python -m appliance.settings_page docs/settings.md
	$(BIN)/python -m appliance.metrics.page docs/metrics.md
	$(BIN)/python -m appliance.law_page docs/law.md
	$(BIN)/python -m appliance.data_map docs/data-map.md

# Resolve the locked dependencies anew (needs uv).
lock:
	uv pip compile pyproject.toml --extra dev -o requirements-dev.lock $(LOCK)
	uv pip compile pyproject.toml --extra checkout --extra postgresql -c requirements-dev.lock -o requirements.lock $(LOCK)
	uv pip compile $(TRYTON).in -o $(TRYTON).lock $(LOCK)
	uv pip compile $(ANSIBLE).in -o $(ANSIBLE).lock $(LOCK)
LOCK := --generate-hashes --python-version 3.11 --universal --no-emit-index-url --no-header --quiet

clean:
	rm -rf .venv build

# Two sizes of environment: what runs, and what also tests. Each is made once.
.venv/demo: requirements.lock pyproject.toml
	@scripts/system-packages demo
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: requirements-dev.lock .venv/demo
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

# A CRM of others to test with, in an environment of its own: it is run, never imported.
TRYTON := tests/crm/connectors/tryton/requirements
.venv/tryton/installed: $(TRYTON).lock .venv/demo
	$(BIN)/python -m venv --clear .venv/tryton
	.venv/tryton/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

# What runs the playbooks against a booted Debian, and checks them: likewise.
ANSIBLE := tests/deploy/ansible/requirements
.venv/ansible/installed: $(ANSIBLE).lock .venv/demo
	$(BIN)/python -m venv --clear .venv/ansible
	.venv/ansible/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@
