# Every task of the project. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

BIN := .venv/bin
MEMBERS := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml)
SOURCES := $(wildcard libs/*/src services/*/src)
READY := .venv/.ready

.PHONY: help setup demo serve fmt lint types imports numbers docs docs-check check test test-fast servers servers-stop cluster test-cluster chart images test-images test-compose sbom audit test-kubernetes faults faults-controls acceptance bench bench-cluster bench-scale bench-text clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv as uv.lock says; brings its own uv where there is none
	@:

$(READY): uv.lock pyproject.toml $(MEMBERS) scripts/setup
	@scripts/setup
	@touch $@

demo: setup ## a box of paper becomes case files, in a fresh folder; stops with Ctrl-C
	@$(BIN)/aktenfluss demo

serve: setup ## all services in one process, data in ./data
	@$(BIN)/aktenfluss serve

fmt: setup ## format the code and repair what ruff can repair
	@$(BIN)/ruff check --fix --exit-zero .
	@$(BIN)/ruff format .

lint: setup ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup ## mypy strict over the sources and the tools
	@$(BIN)/mypy $(SOURCES) scripts tools

imports: setup ## import-linter: who may import whom
	@$(BIN)/lint-imports --no-cache

numbers: setup ## the measures of the code against their gates
	@$(BIN)/python scripts/style_gates.py

docs: setup ## write the generated documentation
	@$(BIN)/python -m scripts.reference

docs-check: setup ## fail where the generated documentation is not that of the code
	@$(BIN)/python -m scripts.reference --check

check: lint types imports numbers docs-check audit ## all checks that run no test

audit: setup ## fail where a locked package has a known vulnerability without an exception (docker/vulnerabilities.toml)
	@$(BIN)/python -m tools.images audit

test: setup ## the tests that need nothing but Python, with the branch coverage and its gate
	@rm -rf build/coverage && mkdir -p build/coverage
	@$(BIN)/coverage run -m pytest -q -n 2 --dist worksteal -m "not servers and not faults and not chart and not kubernetes and not images and not compose"
	@$(BIN)/coverage combine --quiet
	@$(BIN)/python scripts/coverage_gate.py

test-fast: setup ## the tests that need no database: kernel, contracts, delivery, domains, architecture
	@$(BIN)/pytest -q -n 2 libs/kernel libs/contracts libs/delivery $(wildcard services/*/tests/domain) tests/architecture

servers: setup ## build and start PostgreSQL, Kafka and MinIO on the loopback; prints the settings that lead to them
	@$(BIN)/python -m tools.servers build
	@$(BIN)/python -m tools.servers start

servers-stop: setup ## stop the servers that `make servers` started; their data stays in build/servers
	@$(BIN)/python -m tools.servers stop

cluster: setup ## one process per service on real servers, behind HAProxy, until Ctrl-C
	@$(BIN)/python -m tools.servers build
	@$(BIN)/python -m tests.cluster

test-cluster: setup ## the acceptance suite through the door of a cluster, and all tests that need real servers
	@$(BIN)/python -m tools.servers build
	@SHAPE=cluster $(BIN)/pytest -q tests/acceptance tests/cluster
	@$(BIN)/pytest -q -n 2 --dist worksteal -m "servers and not faults" --ignore tests/cluster

chart: setup ## lint, render and check the Helm chart, and refuse wrong values (docs/operations/kubernetes.md)
	@$(BIN)/python -m tools.chart check
	@$(BIN)/pytest -q -m chart tests/deploy

images: setup ## build the images with a Docker engine of their own; ends with 69 where none can be had (docs/images.md)
	@$(BIN)/python -m tools.images build

test-kubernetes: setup ## the product on a real Kubernetes, where one can be made: upgraded, killed, scaled, drained under load
	@$(BIN)/python -m tools.kubernetes check
	@$(BIN)/python -m tools.images build
	@$(BIN)/python -m tools.kubernetes build
	@$(BIN)/pytest -q -m kubernetes tests/kubernetes

test-images: setup ## the images as they run: who they are, what they cannot do, how large they are, built twice alike
	@$(BIN)/pytest -q -m images tests/images

test-compose: setup ## docker/compose.yaml brought up with stand-ins for the servers' images, and the acceptance suite at its door
	@$(BIN)/python -m tools.compose check
	@$(BIN)/python -m tools.images build
	@$(BIN)/pytest -q -m compose tests/compose

sbom: setup ## write what is in each image, as CycloneDX 1.6, to build/sbom
	@$(BIN)/python -m tools.images sbom

faults: setup ## kill everything at random and at every failpoint; then nothing may be lost (FAULTS_SECONDS, FAULTS_SEED)
	@$(BIN)/python -m tests.faults

faults-controls: setup ## plant each of the bugs in turn; the gate must find it
	@$(BIN)/python -m tests.faults.controls

acceptance: setup ## the user stories against BASE_URL, or against a process of its own
	@$(BIN)/pytest -q tests/acceptance

bench: setup ## measure the figures; writes build/bench.json and prints a table
	@$(BIN)/python -m tests.load.bench

bench-cluster: setup ## measure the figures of a cluster; writes build/bench-cluster.json and prints a table
	@$(BIN)/python -m tools.servers build
	@$(BIN)/python -m tests.load.bench_cluster

bench-scale: setup ## measure how the cost grows with the case files; writes build/bench-scale.json and .svg
	@$(BIN)/python -m tools.servers build
	@$(BIN)/python -m tests.load.bench_scale

bench-text: setup ## measure how fast text is recognised; writes build/bench-text.json and prints a table
	@OMP_THREAD_LIMIT=1 $(BIN)/python -m tests.load.bench_text

clean: ## remove what was built, not the data
	@rm -rf .venv .uv build dist .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
