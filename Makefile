# What people do here. Every target can be repeated at any time; `make` alone lists them.

BIN := .venv/bin
WORKERS ?= 4
ARGS ?=

FONTS := $(patsubst %,config/fonts/NotoSansCJKsc-%.otf,Regular Bold)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard config/locale/*/LC_MESSAGES/*.po))

.PHONY: help setup run test bench fuzz crashtest gallery items clean apt
.DELETE_ON_ERROR:

help:
	@sed -nE 's/^([a-z]+):.*## /\1\t/p' $(MAKEFILE_LIST)

setup: $(BIN)/.installed $(FONTS) $(CATALOGUES) ## Debian packages, .venv, fonts, translations

run: setup ## the terminal (ARGS="--window 540x960"); without a display: four visits, into out/
	scripts/run $(ARGS)

test: setup ## format, lint, types, import contracts, all tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	scripts/on-display $(BIN)/pytest -n $(WORKERS) $(ARGS)

crashtest: setup ## 1,000 kills of a paying terminal, then the books (ARGS="--seed N --kills N")
	$(BIN)/python -m tests.crashtest $(ARGS)

bench: setup ## speed and memory, as ratios
	$(BIN)/python -m tests.bench.run $(ARGS)

fuzz: setup ## a million frames through every codec (ARGS="--frames 1000")
	$(BIN)/python -m tests.fuzz $(ARGS)

gallery: setup ## every screen in every variant, into out/gallery; docs/gallery.md shows them
	scripts/on-display $(BIN)/pytest -n $(WORKERS) tests/gallery/test_gallery.py $(ARGS)
	$(BIN)/python scripts/gallery.py

items: setup ## every item performed, and docs/ITEMS.md (ARGS="--only own-property")
	$(BIN)/python scripts/items.py $(ARGS)

clean: ## all that was made, but for .venv
	rm -rf out build *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf config/fonts $(CATALOGUES)
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

apt:
	@scripts/apt-packages

$(BIN)/pip: | apt
	python3 -m venv .venv

$(BIN)/.locked: requirements/lock.txt | $(BIN)/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(BIN)/.installed: pyproject.toml $(BIN)/.locked
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(FONTS) &: scripts/fonts.py $(BIN)/.locked | apt
	$(BIN)/python scripts/fonts.py config/fonts
	@touch $(FONTS)

%.mo: %.po $(BIN)/.locked
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
