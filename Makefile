# `make` sets up and runs the bundled cohorts; `make test` sets up and runs the tests.
# Everything lives in .venv; nothing is installed twice while the lock file is unchanged.

PYTHON ?= python3
CORES ?= 2
BIN := .venv/bin
READY := .venv/.ready
# One thread per job: the engine runs jobs side by side, and sums do not depend on the split.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: all real setup test test-unit test-workflow test-browser test-faults test-slurm setup-cluster slurm-packages browser benchmark benchmark-ingest benchmark-models benchmark-cohorts benchmark-size lint lock schemas

all: setup
	@$(BIN)/snakemake --cores $(CORES)

# Real people's data from a public package: written as exports first, then analysed.
real: setup
	@$(BIN)/python cohorts/indomethacin/write_export.py
	@$(BIN)/python cohorts/pbc_stage/write_export.py
	@$(BIN)/python cohorts/low_birth_weight/write_export.py
	@$(BIN)/snakemake --cores $(CORES) --configfile config_real.yaml

setup: $(READY)

# Debian's python3 may come without ensurepip, so pip is used from outside the environment.
$(READY): requirements.lock pyproject.toml
	@echo "Setting up .venv (about a minute, once)"
	@$(PYTHON) -m venv --without-pip --clear .venv
	@$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q calcinosis
	@$(BIN)/python -c "import matplotlib.font_manager" 2>/dev/null
	@touch $(READY)

test: test-unit test-workflow

test-unit: setup
	$(BIN)/python -m pytest -n 2 tests/unit

test-workflow: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal tests/workflow

# The plugins for clusters, in an environment of their own: they slow each start of the engine.
setup-cluster: .venv-cluster/.ready

.venv-cluster/.ready: requirements.lock requirements-cluster.lock pyproject.toml
	@echo "Setting up .venv-cluster (about a minute, once)"
	@$(PYTHON) -m venv --without-pip --clear .venv-cluster
	@$(PYTHON) -m pip --python .venv-cluster/bin/python install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock -r requirements-cluster.lock
	@$(PYTHON) -m pip --python .venv-cluster/bin/python install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@.venv-cluster/bin/python -c "import matplotlib.font_manager" 2>/dev/null
	@touch $@

# The main job and its faults on a real Slurm of two virtual nodes, which is started and stopped
# here; installs Debian's packages of Slurm and MariaDB, hence for a machine that may be thrown away.
test-slurm: slurm-packages setup-cluster
	.venv-cluster/bin/python -m pytest tests/slurm

slurm-packages:
	@test "$$(id -u)" = 0 && command -v apt-get >/dev/null || \
	  { echo "make test-slurm starts a Slurm of its own: it needs root on Debian, in a container say."; exit 1; }
	@command -v slurmctld >/dev/null && command -v slurmdbd >/dev/null && command -v mariadbd >/dev/null || (apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  slurmctld slurmd slurm-client munge slurmdbd mariadb-server)

# Kills, full disks, damaged files, replaced exports: each is really done, some need root.
test-faults: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal --durations 5 tests/faults

# The pages of a run in Chromium: errors, requests, accessibility, keyboard, and each number.
test-browser: setup browser
	@$(BIN)/snakemake --cores $(CORES) --quiet all
	node tests/browser/pages.mjs results

browser:
	@command -v chromium npm >/dev/null || (apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends chromium nodejs npm)
	@npm --prefix tests/browser ci --silent --no-audit --no-fund

# Times of runs against named peers; docs/performance.md has figures of one machine.
benchmark: setup
	$(BIN)/python benchmarks/rebuild.py

# An export of a million rows beside pandas.read_csv, both with as many threads as there are cores.
benchmark-ingest: setup
	env -u OMP_NUM_THREADS $(BIN)/python benchmarks/ingest.py

# A million rows of logistic models beside R's glm, which needs r-base; a thousand bootstraps.
benchmark-models: setup
	env -u OMP_NUM_THREADS PYTHONPATH=. $(BIN)/python benchmarks/models.py
	PYTHONPATH=. $(BIN)/python benchmarks/bootstraps.py

# The engine's own time at 10, 50 and 200 cohorts.
benchmark-cohorts: setup
	$(BIN)/python benchmarks/cohorts.py

# The whole workflow at 20 thousand, 200 thousand and a million simulated patients, beside plain R
# (r-base and its packages data.table, lme4, quantreg): 25 minutes on two cores that do nothing else.
benchmark-size: setup
	PYTHONPATH=. $(BIN)/python benchmarks/size.py all

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy
	$(BIN)/snakemake --lint

# Generated files: the plan's schema and reference page, the tables of docs/rebuild.md and bad_input.md.
schemas: setup
	$(BIN)/python -m calcinosis schema
	$(BIN)/python tests/workflow/rebuild_page.py
	PYTHONPATH=. $(BIN)/python tests/unit/bad_input/page.py

# Resolve every dependency anew (needs `uv`); one lock for Linux and macOS, without index addresses,
# and one of the plugins that a cluster wants beside it. A second language of formulas is left out,
# which statsmodels imports where it finds it and does without where not: no model here is written
# as a formula, and each step with a model would wait 0.15 s for it.
lock: UNUSED := formulaic interface-meta
lock:
	uv pip compile pyproject.toml --all-extras --universal --fork-strategy fewest \
	  --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  $(UNUSED:%=--no-emit-package %) -o requirements.lock
	uv pip compile --group cluster --no-deps --universal --python-version 3.11 --generate-hashes \
	  --constraints requirements.lock --no-annotate --no-header -o requirements-cluster.lock
