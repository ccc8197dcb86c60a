# Dalil. On a machine with Python 3.11 and make, `make run` and `make test` are all that is needed.
SHELL := /bin/bash
PYTHON ?= python3.11
UV_VERSION := 0.13.9
UV := .tools/bin/uv
BIN := .venv/bin
READY := .venv/.ready

export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export TQDM_DISABLE := 1
export PYTHONWARNINGS := ignore
# Machines of CI set this to 1: then every process that imports TensorFlow compiles thousands of its modules anew, 30 s each.
unexport PYTHONDONTWRITEBYTECODE

FAST := not rasa and not browser and not slow
# A file's tests, or a class's, stay together: they share a model, a browser or a running program.
BOTH_CORES := -n 2 --dist loadscope

# pytest ends with 1 if tests have failed. What a worker that stalled was at is run again by the worker that replaces it; if
# then nothing is left that failed last (5), all has passed. A test that fails in the ordinary way fails the whole.
.DEFAULT_GOAL := help
.PHONY: help setup run train test quick check check-content evaluate bench lock clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(READY) ## Install everything into .venv

$(UV):
	@echo "Installing uv $(UV_VERSION) into .tools …"
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed (set PYTHON=/path/to/python3.11)."; exit 1; }
	@$(PYTHON) -m venv .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(READY): requirements.lock pyproject.toml | $(UV)
	@echo "Installing the locked packages into .venv …"
	@test -x $(BIN)/python || $(UV) venv --quiet --python $$(command -v $(PYTHON)) .venv
	@$(UV) pip sync --quiet --python .venv --require-hashes requirements.lock
	@$(UV) pip install --quiet --python .venv --no-deps --editable .
	@touch $@

run: $(READY) ## Migrate, train if needed, seed and serve on http://127.0.0.1:8000
	@$(BIN)/dalil serve

train: $(READY) ## Train the model of the present data, if there is none
	@$(BIN)/dalil train

test: $(READY) ## Everything that must hold: lint, types, fast tests, then the tests with one trained model
	@$(MAKE) --no-print-directory check
	@echo "Fast tests, while a model of the present data is trained …"
	@mkdir -p results
	@$(BIN)/dalil train > results/training.log 2>&1 & training=$$!; \
	$(BIN)/python -m pytest -m "$(FAST)" || { kill $$training 2>/dev/null; exit 1; }; \
	wait $$training || { cat results/training.log; exit 1; }; \
	tail -n 1 results/training.log
	@echo "Tests with the trained model, in browsers and of whole programs …"
	@$(BIN)/python -m pytest $(BOTH_CORES) -m "rasa or browser or slow"; result=$$?; \
	if [ $$result -eq 1 ]; then \
	  $(BIN)/python -m pytest --collect-only --last-failed --last-failed-no-failures none; \
	  [ $$? -eq 5 ] && echo "What a stalled program failed has passed in the next one." && result=0; \
	fi; \
	exit $$result

quick: $(READY) ## The tests that need no model, no browser and no provider's server, on two cores
	@$(BIN)/python -m pytest $(BOTH_CORES) -m "$(FAST) and not server"

check: $(READY) ## Lint, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check-content: $(READY) ## Check every article, parameter, cell and place
	@$(BIN)/dalil check-content

evaluate: $(READY) ## Score the understanding on messages nobody has trained on (results/understanding.html)
	@$(BIN)/dalil evaluate --curve

bench: $(READY) ## Measure Dalil, and stock Rasa on the same data, in one run
	@$(BIN)/python -m tests.bench

lock: | $(UV) ## Resolve the dependencies again and write requirements.lock
	@$(UV) export --quiet --all-groups --no-emit-project --format requirements-txt --no-emit-index-url --no-header --no-annotate -o requirements.lock
	@rm -f uv.lock

clean: ## Remove what was made, but not what is kept (var/)
	@rm -rf .venv .tools models .rasa results
