# `make run` and `make test` are all a fresh machine needs; both may be repeated at any time.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# where torch has builds without CUDA; elsewhere on Linux it brings gigabytes of it. Another place: make run TORCH_CPU=URL
TORCH_CPU ?= https://download.pytorch.org/whl/cpu

.PHONY: run test check bench model-report screenshots env browser clean

run: $(VENV)/.app
	$(BIN)/python -m core serve $(if $(PORT),--port $(PORT))

test: $(VENV)/.dev browser
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

# lint and types only, for the moment before a commit
check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# the tables of docs/model_card.md, measured anew on the test sets of ../shared/data
model-report: $(VENV)/.dev
	$(BIN)/python -m core train baseline
	$(BIN)/python -m core train evaluate --split test
	$(BIN)/python -m core train card

screenshots: $(VENV)/.dev browser
	$(BIN)/python -m tests.browser.screenshots

env: $(VENV)/.app

# only Linux needs the other index, and pip would wait minutes for one that cannot be reached: ask it first
ASK_TORCH_CPU = import sys, urllib.request as web; sys.platform == 'linux' \
	and web.urlopen('$(TORCH_CPU)/torch/', timeout=5) and print('--extra-index-url $(TORCH_CPU)')

# torch goes in first and alone, from the index that has it without CUDA; what comes after takes the one that is there
$(VENV)/.app: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' requirements.txt)" \
		$$($(BIN)/python -c "$(ASK_TORCH_CPU)" 2>/dev/null)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: $(VENV)/.app requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

# Chromium and a Chinese font for the browser tests: installed where that can be done unasked (root on Debian), else named
browser:
	@sh tests/browser/install.sh

clean:
	rm -rf $(VENV) build
