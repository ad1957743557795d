# make app    the laboratory in your browser        make test   lint, types, every test
# make bench  ratios against peers, by hand         make clean  forget the virtual environment
PYTHON ?= python3
BIN := .venv/bin

.PHONY: app dev test bench browser clean

app: .venv/app
	$(BIN)/streamlit run app.py

test: .venv/dev browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy mlcore pages app.py cover.py
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

bench: .venv/dev requirements-bench.txt
	$(BIN)/pip install --quiet -r requirements-bench.txt
	$(BIN)/pytest tests/benchmarks -m bench -s

# The same with hot reload of the pages; a change in mlcore needs a restart, as its workers run the old code.
dev: .venv/app
	$(BIN)/streamlit run app.py --server.fileWatcherType auto --server.folderWatchBlacklist mlcore

.venv/app: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt requirements-jax.txt .venv/app
	$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@

# A Chromium or Chrome that is there; else Debian's package where apt is, Playwright's own elsewhere.
browser: .venv/dev
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
	  { command -v apt-get && $$(command -v sudo) apt-get update -qq && $$(command -v sudo) apt-get install -y -qq chromium; } || \
	  $(BIN)/playwright install chromium

clean:
	rm -rf .venv
