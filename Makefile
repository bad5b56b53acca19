# Two commands for a newcomer: `make demo` and `make test`. Both make the virtual environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO := demo-output

.PHONY: demo test test-slow lint typing bench bench-lid bench-encoder bench-eval bench-knn bench-align clean

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	@# torch first and pinned: where an index offers a CPU build of this version, it is taken.
	$(BIN)/pip install --quiet -c constraints.txt torch
	$(BIN)/pip install --quiet -c constraints.txt -e '.[cpu,dev]'
	touch $@

demo: $(STAMP)  ## mine the two mini-wikis of examples/lb-de and compare with their gold list
	$(BIN)/mine --src lb --tgt de --input examples/lb-de/lbwiki.xml \
	    --input examples/lb-de/dewiki.jsonl --output $(DEMO) --no-resume
	$(BIN)/python examples/lb-de/evaluate.py $(DEMO)

test: $(STAMP)  ## the default suite, a few minutes
	$(BIN)/python -m pytest -m "not slow and not gpu"

test-slow: $(STAMP)  ## what CI runs beside it: killed runs, other runners, the wheel, 1,000 fuzzed inputs
	$(BIN)/python -m pytest -m "slow and not gpu"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

typing: $(STAMP)  ## mypy cannot follow an editable install of mapped folders: link them
	mkdir -p .typing/bitseam
	for room in schemas lid mining align pipelines; do ln -sfn ../../$$room .typing/bitseam/$$room; done
	$(BIN)/mypy

bench: $(STAMP)  ## every benchmark that needs no shared data; see benchmarks/README.md
	$(BIN)/python benchmarks/stages.py
	$(BIN)/python benchmarks/readers.py
	$(BIN)/python benchmarks/lid_speed.py

bench-lid: $(STAMP)
	$(BIN)/python benchmarks/lid_accuracy.py
	$(BIN)/python benchmarks/segmenters.py

bench-encoder: $(STAMP)
	$(BIN)/python benchmarks/encoder_accuracy.py
	$(BIN)/python benchmarks/encoder_speed.py
	$(BIN)/python benchmarks/encoder_footprint.py
	$(BIN)/python benchmarks/mining_f1.py

bench-eval: $(STAMP)  ## metrics beside public implementations; names them by LASER, MEXA, MTEB_PYTHON
	$(BIN)/python benchmarks/evaluate_parity.py
	$(BIN)/python benchmarks/calibration.py
	$(BIN)/python benchmarks/evalset.py
	$(BIN)/python benchmarks/noise.py
	$(BIN)/python benchmarks/report.py

bench-knn: $(STAMP)
	$(BIN)/python benchmarks/knn.py
	$(BIN)/python benchmarks/knn_growth.py
	$(BIN)/python benchmarks/approximate.py

bench-align: $(STAMP)  ## beside vecalign and bertalign where VECALIGN and BERTALIGN name checkouts
	$(BIN)/python benchmarks/align_accuracy.py
	$(BIN)/python benchmarks/align_robustness.py
	$(BIN)/python benchmarks/align_speed.py
	$(BIN)/python benchmarks/align_documents.py
	$(BIN)/python benchmarks/align_words.py

clean:
	rm -rf $(VENV) $(DEMO) .typing build dist *.egg-info
