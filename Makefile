.PHONY: run test test-slow test-cluster check docs fix bench calibrate clean help

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# two OpenMP threads with active waiting stall for seconds on small machines
export OMP_NUM_THREADS ?= 1

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | sort

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(READY)

run: $(READY)  ## train the spiking network on the embedded history and say what it is worth
	$(BIN)/c5snn fit --config spike_gru.yaml --trainer.max_epochs 10
	$(BIN)/c5snn test lightning_logs/spike_gru

test: $(READY)  ## run the tests
	$(BIN)/pytest -n 2 --dist worksteal

test-slow: $(READY)  ## run the slow tests, a quarter of an hour on two cores
	$(BIN)/pytest -n 2 --dist worksteal -m "slow and not (cluster or gpu or bench or long)"

test-cluster: .venv/.ray  ## run the tests on a Ray cluster of two nodes, which is started on this machine
	$(BIN)/pytest -m cluster tests/sweeps

.venv/.ray: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,ray]'
	touch $@

check: $(READY)  ## style, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: .venv/.docs  ## build the documentation into site/, its commands run and their output shown
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

.venv/.docs: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	touch $@

fix: $(READY)  ## mend style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## measure speed side by side
	$(BIN)/python -m benchmarks

calibrate: $(READY)  ## hold p-values and powers against what they promise
	$(BIN)/python -m calibration

clean:  ## remove what was made, but for results
	rm -rf .venv dist site .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
