# Everything a person does with the checkout. `make` alone lists the targets.
# Needed: make and Python 3.11 or newer. uv is used where it is installed, else venv and pip.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
PACKAGES := livelihood backends streams producers consumers web cli

# `make venv PYTHON=/path/to/python3.12` chooses one; else the first of these that is 3.11 or newer.
PYTHONS := python3.11 python3.12 python3.13 python3.14 python3 python
PYTHON ?= $(shell for p in $(PYTHONS); do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

# Passed on: `make demo ARGS="--once"`, `make test ARGS="-k deadlines"`.
ARGS ?=

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: venv
venv: $(STAMP) ## make the environment .venv from requirements.lock (does nothing when it is current)

# The stamp is written last, so an interrupted installation is begun again. The old folder is kept and
# updated when it works with the chosen Python; a broken one (moved, Python removed) is replaced.
$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found; try: make venv PYTHON=/path/to/python3.11" >&2; exit 3; }
	@rm -f $@
	@if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		rm -rf $(VENV); \
		if command -v uv >/dev/null; then uv venv --quiet --python "$(PYTHON)" $(VENV); \
		else "$(PYTHON)" -m venv $(VENV); fi; \
	fi
	@echo "Installing requirements.lock into $(VENV) ..."
	@if command -v uv >/dev/null; then \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		{ $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; } && \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .; \
	fi
	@touch $@

.PHONY: test
test: lint $(STAMP) ## check style and types, then run all tests
	$(BIN)/python -m pytest $(ARGS)

.PHONY: lint
lint: $(STAMP) ## check style and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: format
format: $(STAMP) ## rewrite the code in the project's style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: demo
demo: $(STAMP) ## watch six months of Boston become live tables (ARGS="--once", ARGS="--speed 7d/s")
	@$(BIN)/livelihood demo $(ARGS)

.PHONY: demo-kafka
demo-kafka: $(STAMP) ## the same on a Kafka, a Valkey and two workers, started for it and ended with it
	@scripts/demo-kafka $(ARGS)

.PHONY: faults
faults: $(STAMP) ## a storm of 72 faults over the distributed engine, some minutes (FAULT_SEED=n repeats one)
	FAULTS=whole $(BIN)/python -m pytest tests/faults/test_storm.py -q -s $(ARGS)

.PHONY: bench
bench: $(STAMP) ## measure, and write bench/RESULTS.md
	$(BIN)/python -m bench.run $(ARGS)

.PHONY: bench-peers
bench-peers: $(STAMP) ## measure the same job by Kafka Streams, Flink, Faust and others (ARGS="--only flink")
	$(BIN)/python -m bench.peers.run $(ARGS)

.PHONY: bench-kafka
bench-kafka: $(STAMP) ## measure the distributed engine, and write bench/KAFKA.md (ARGS="--only latency")
	$(BIN)/python -m bench.kafka $(ARGS)

.PHONY: translations
translations: $(STAMP) ## bring the messages of the pages up to date with the code
	$(BIN)/python -m scripts.translations

.PHONY: screenshots
screenshots: $(STAMP) ## render the pages that documents show (needs Chromium and fonts of both languages)
	$(BIN)/python -m scripts.screenshots

.PHONY: bench-gateway
bench-gateway: $(STAMP) ## measure the HTTP gateway on both engines, and write bench/GATEWAY.md
	$(BIN)/python -m bench.gateway $(ARGS)

.PHONY: bench-dashboard
bench-dashboard: $(STAMP) ## measure from an event to a line that is shown, on both engines, and write bench/DASHBOARD.md
	$(BIN)/python -m bench.dashboard $(ARGS)

.PHONY: bench-alerts
bench-alerts: $(STAMP) ## measure how soon 100,000 deadlines in one second are told, and write bench/ALERTS.md
	$(BIN)/python -m bench.alerts $(ARGS)

.PHONY: wheel
wheel: $(STAMP) ## build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation

.PHONY: lock
lock: ## choose current versions of all dependencies anew and write requirements.lock (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv" >&2; exit 3; }
	uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.lock

.PHONY: clean
clean: ## remove the environment, the caches and what was built
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(PACKAGES) $(wildcard tests bench scripts examples) -name __pycache__ -type d -prune -exec rm -rf {} +
