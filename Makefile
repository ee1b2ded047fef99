# Everything that a fresh clone needs is Python (3.11 to 3.13) and make. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-deps
# Each is read by the targets that name it: make demo DATA=dir FOR=60 SUMMARY=file
DATA ?=
FOR ?=
SUMMARY ?=
RATE ?=
MLSERVER ?=
BEFORE ?=
SEED ?= 1
FAULTS ?= 200
APPLICATIONS ?= 300000
SECONDS ?= 300
HELM_CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/loanstream/helm-3.19.2

export RAY_USAGE_STATS_ENABLED := 0
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
# Every target is a word for what to do, none a file.
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-21s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Make .venv with the locked packages; all other targets begin with it

# The stamp is newer than the lock and pyproject.toml as long as what is installed is what they say.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(not (3, 11) <= v < (3, 14))' 2>/dev/null || { \
	  echo "error: $(PYTHON) is $$($(PYTHON) --version 2>&1 || echo missing); Loanstream needs Python 3.11 to 3.13:" \
	       "make setup PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
	  echo "error: $(PYTHON) cannot make a virtual environment; on Debian and Ubuntu install python3-venv" >&2; exit 1; }
	@echo "installing the locked packages into $(VENV) (the first time takes some minutes)"
	@# The lock is complete, so nothing is resolved: --no-deps also keeps older pips from asking for hashes of extras.
	@# A pipe would hide pip's exit code from make, so it goes through a file.
	@test -t 1 && live=1 || live=0; \
	{ $(PIP) --require-hashes -r requirements.lock; echo $$? >$(VENV)/.pip; } | awk -v live=$$live ' \
	  /^Collecting/ { ++n; if (live) { printf "\r  %3d packages fetched", n; fflush() } } \
	  /^Installing collected/ { printf "%s%d packages fetched, unpacking them\n", live ? "\r  " : "  ", n; fflush() }'
	@exit $$(cat $(VENV)/.pip)
	@$(PIP) --quiet --no-build-isolation -e .
	@touch $(STAMP)

demo: setup  ## Start everything and show it live (DATA=dir FOR=seconds SUMMARY=file RATE=a second)
	@$(BIN)/loanstream demo $(if $(DATA),--data '$(DATA)') $(if $(FOR),--for $(FOR)) \
	  $(if $(SUMMARY),--summary '$(SUMMARY)') $(if $(RATE),--rate $(RATE))

up: setup  ## Start the stack of this folder (DATA=dir)
	@$(BIN)/loanstream up $(if $(DATA),--data '$(DATA)') $(ARGS)

down: setup  ## Stop the stack of this folder
	@$(BIN)/loanstream down

test: setup  ## Run the unit and integration tests (ARGS= goes to pytest)
	@# Tests that share a stack or a broker stay together (tests/conftest.py).
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadscope $(ARGS)

lint: setup  ## Check lint, format, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory check-generated

generate: setup  ## Write every generated file: features, settings, schemas, dashboards, Prometheus, jars
	@$(BIN)/python -m loanstream.generate
	@$(BIN)/python -m benchmarks.scaling

check-generated: setup  ## Fail where a generated file is old
	@$(BIN)/python -m loanstream.generate --check
	@$(BIN)/python -m benchmarks.scaling --check

format: setup  ## Format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup  ## Measure every door under closed and open load, the stream beside a gateway alone
	@$(BIN)/python -m benchmarks.load $(ARGS)

bench-explain: setup  ## Measure explanation against pred_contrib and shap (FASTTREESHAP=yes: that too, it is built)
	@$(if $(FASTTREESHAP),test -x .venv-fasttreeshap/bin/fasttreeshap-ready || { $(PYTHON) -m venv .venv-fasttreeshap && \
	  .venv-fasttreeshap/bin/pip install --quiet numpy==1.23.5 setuptools wheel cython && \
	  .venv-fasttreeshap/bin/pip install --quiet --no-build-isolation -r benchmarks/fasttreeshap.txt && \
	  ln -s /bin/true .venv-fasttreeshap/bin/fasttreeshap-ready; })
	@$(BIN)/python -m benchmarks.explain \
	  $(if $(FASTTREESHAP),--fasttreeshap .venv-fasttreeshap/bin/python) $(ARGS)

bench-history: setup  ## Aggregate tables of the published size out of core
	@$(BIN)/python -m benchmarks.history $(ARGS)

bench-stream: setup  ## Measure the gateway against a bare transactional echo and the usual way
	@$(BIN)/python -m benchmarks.stream $(ARGS)

bench-http: setup  ## Measure /explain against the usual ways (MLSERVER=yes, BEFORE=commit: those too)
	@$(if $(MLSERVER),test -x .venv-mlserver/bin/mlserver-ready || { $(PYTHON) -m venv .venv-mlserver && \
	  .venv-mlserver/bin/pip install --quiet -r benchmarks/mlserver.txt && \
	  $(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	    >$$(.venv-mlserver/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/loanstream.pth && \
	  ln -s /bin/true .venv-mlserver/bin/mlserver-ready; })
	@$(if $(BEFORE),rm -rf .bench-before && mkdir .bench-before && git archive $(BEFORE) | tar -x -C .bench-before)
	@$(BIN)/python -m benchmarks.http $(if $(MLSERVER),--mlserver .venv-mlserver/bin/python) \
	  $(if $(BEFORE),--before .bench-before) $(ARGS)

bench-idle: setup  ## Measure what the running stack takes that decides nothing, by process
	@$(BIN)/python -m benchmarks.idle $(ARGS)

bench-start: setup  ## Measure second starts to the first decision, part by part
	@$(BIN)/python -m benchmarks.start $(ARGS)

bench-burst: setup  ## Send the running stack a tenfold burst; exits 1 where the objective did not hold
	@$(BIN)/python -m benchmarks.burst $(ARGS)

bench-counterfactual: setup  ## Search 500 real declines for what would have changed them (DATA=dir)
	@$(BIN)/python -m benchmarks.counterfactual $(if $(DATA),--data '$(DATA)') $(ARGS)

train-report: setup  ## Compare models on real tables (DATA=dir ARGS='--only seeds'), as in docs/training.md
	@$(BIN)/loanstream train-report $(if $(DATA),--data '$(DATA)') $(ARGS)

faults: setup  ## Kill everything in random order and count what was lost (SEED= FAULTS= APPLICATIONS=)
	@$(BIN)/python -m tests.faults.run --seed $(SEED) --faults $(FAULTS) --applications $(APPLICATIONS) $(ARGS)

late-requests: setup  ## Deliver the gateways' transactional requests late and count what was doubled (SEED= SECONDS=)
	@$(BIN)/python -m tests.faults.late_requests --seed $(SEED) --seconds $(SECONDS) $(ARGS)

ledger-check: setup  ## Kill the ledger's sink 20 times and compare its rows with the topics (DATA=dir ARGS=)
	@$(BIN)/python -m tests.faults.ledger_check $(if $(DATA),--data '$(DATA)') $(ARGS)

bench-batch: setup  ## Measure scoring made-up applications in parts, here and on Ray Data (APPLICATIONS=)
	@$(BIN)/python -m benchmarks.batch --applications $(APPLICATIONS) $(ARGS)

bench-scaling: setup  ## Measure message sizes, Redis and the broker for docs/scaling.md
	@$(BIN)/python -m benchmarks.scaling.parts $(ARGS)

scaling: setup  ## Write the tables of docs/scaling.md (ARGS=--simulate: simulate again first)
	@$(BIN)/python -m benchmarks.scaling $(ARGS)

bench-ledger: setup  ## Measure what the ledger stores a second, bytes a decision, and its filters (ARGS=)
	@$(BIN)/python -m benchmarks.ledger $(ARGS)

bench-ledger-reads: setup  ## Measure finding decisions while the running stack decides, and deciding meanwhile (ARGS=)
	@$(BIN)/python -m benchmarks.ledger_reads $(ARGS)

bench-portfolio: setup  ## Measure the portfolio's views over a million decisions, and what its facts cost the sink
	@$(BIN)/python -m benchmarks.portfolio $(ARGS)

bench-desk: setup  ## Measure how soon each page of the desk answers in a browser, over the running stack
	@$(BIN)/python -m benchmarks.desk_pages $(ARGS)

images: setup  ## Build the image of each role by buildah, without an engine, and tell their sizes, as root
	@$(BIN)/python -m deploy.images build $(ARGS)
	@$(BIN)/python -m deploy.images sizes

cluster: setup  ## Bring up a cluster of hosts in network namespaces, as root (DATA=dir ARGS='--workers 3')
	@$(BIN)/python -m deploy.cluster up $(if $(DATA),--data '$(DATA)') $(ARGS)

bench-cluster: setup  ## Measure what each incident costs the running cluster, as root (ARGS='--plot file')
	@$(BIN)/python -m benchmarks.cluster $(ARGS)

cluster-faults: setup  ## Break the running cluster in random order and count what was lost (SEED= FAULTS= APPLICATIONS=)
	@$(BIN)/python -m tests.faults.cluster.run --seed $(SEED) --faults $(FAULTS) --applications $(APPLICATIONS) $(ARGS)

cluster-late-requests: setup  ## Deliver the running cluster's requests late, kill coordinators meanwhile (SEED= SECONDS=)
	@$(BIN)/python -m tests.faults.cluster.late_requests --seed $(SEED) --seconds $(SECONDS) $(ARGS)

incident: setup  ## Drift on purpose: the right alerts fire, the wrong ones do not, all recover (DATA=dir)
	@$(BIN)/python -m benchmarks.incident $(if $(DATA),--data '$(DATA)') $(ARGS)

screenshots: setup  ## Take pictures of the desk from the running stack into docs/images (ARGS="--home dir")
	@$(BIN)/python -m benchmarks.screenshots $(ARGS)

helm:  ## Build the Helm that the chart's tests use into the user's cache (needs Go; minutes, once)
	@test -x $(HELM_CACHE)/helm || GOBIN=$(HELM_CACHE) go install -p 2 -trimpath helm.sh/helm/v3/cmd/helm@v3.19.2

lock:  ## Resolve the dependencies again into requirements.lock (needs uv)
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url \
	  --no-emit-find-links --no-annotate --extra dev --extra hub -o requirements.lock pyproject.toml

clean:  ## Remove caches and reports; .venv and .loanstream stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage coverage.xml
