# Two commands are all: `make demo` runs Rolecall on stand-ins for AWS, `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PORT ?= 5000

.PHONY: demo test soak abuse check format bench catalogue browser pins clean

demo: $(READY)
	$(BIN)/python app.py sandbox --port $(PORT)

# Tests that go by the clock run alone; all others share the cores. The second run starts even if the first one fails.
PYTEST := $(BIN)/python -m pytest --durations=10
test: $(READY) browser
	@failed=0; \
	$(PYTEST) -m "not clocked" -n auto --dist worksteal || failed=$$?; \
	$(PYTEST) -m clocked || failed=$$?; \
	exit $$failed

# Repeats what goes by chance, SOAK times as often as `make test`: kills, 25,000 generated policies, stories of two tenants.
SOAK ?= 50
soak: $(READY)
	ROLECALL_SOAK=$(SOAK) $(PYTEST) -m "soak or hypothesis" -n auto --dist worksteal

# The worst that anybody can send or keep in an AWS account: all of it at every way in, and a table of what it costs.
# `make test` tries a part. Takes some minutes.
abuse: $(READY)
	ROLECALL_ABUSE=whole $(PYTEST) tests/abuse

PAGES := templates sandbox/templates
SHEETS := $(shell find static -name '*.css' -not -path 'static/vendor/*')
BEAUTIFY := $(BIN)/css-beautify --indent-size 2 --end-with-newline
check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/cfn-lint cfn/*.yaml
	$(BIN)/djlint --check --quiet $(PAGES)
	@for sheet in $(SHEETS); do $(BEAUTIFY) $$sheet | diff -u $$sheet - || exit 1; done

# Brings Python, templates and stylesheets into the form that `check` asks for.
format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/djlint --reformat --quiet $(PAGES)
	@for sheet in $(SHEETS); do $(BEAUTIFY) --replace $$sheet; done

# The processor time of one verification in bare boto3 calls, and of judging a role; that of a request, beside slow clients
# too. Says where a target is missed.
bench: $(READY)
	$(BIN)/python -m bench.verification
	$(BIN)/python -m bench.slow_clients

# Brings every catalogue of translations up to date with the sentences; LANGUAGE=fr begins another.
catalogue: $(READY)
	$(BIN)/python -m translations.collect $(LANGUAGE)

# A Chromium that is on the machine will do; else Playwright fetches its own. Without either, the browser tests
# say that they did not run.
browser: $(READY)
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 \
	  || $(BIN)/python -m playwright install chromium \
	  || echo "No Chromium here and none could be fetched: the browser tests will not run."

$(READY): requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Rolecall needs Python 3.11 or newer; say which with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(READY)

# Needs uv (https://docs.astral.sh/uv/): pins every version and hash of requirements*.in.
pins:
	for name in requirements requirements-dev; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header $$name.in -o $$name.txt; \
	done

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
