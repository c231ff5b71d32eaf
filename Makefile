# What one does with the repository, on Debian or Ubuntu with a Swift toolchain. `make help` lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

SWIFT ?= swift
# All tests at once would leave each too little of the machine for the limits of time that it tries.
SWIFT_TEST = $(SWIFT) test --experimental-maximum-parallelization-width 24
# What `make run` hands to orderd, what `make bench` hands to the driver: make run ARGS="--config config/batch.yaml"
ARGS ?=
# Such as --static-swift-stdlib, for a binary that runs where no Swift is installed.
RELEASE_FLAGS ?=
FUZZ_SECONDS ?= 300

BUILD_PACKAGES := libyaml-dev libsqlite3-dev libpq-dev pkg-config zlib1g-dev
PG_PACKAGES := postgresql python3
TEST_PACKAGES := $(BUILD_PACKAGES) $(PG_PACKAGES) curl git openssl pgbouncer prometheus python3-requests \
    python3-venv strace
# What the counterpart of the OTLP exporter and the checks of OpenMetrics and of the schema of profiles need, in a place
# of its own.
PYTHON_PACKAGES := googleapis-common-protos grpcio jsonschema opentelemetry-proto prometheus-client pyyaml
BENCH_PACKAGES := $(BUILD_PACKAGES) $(PG_PACKAGES) gcc golang golang-github-jackc-pgx-v4-dev golang-github-lib-pq-dev \
    golang-github-mattn-go-sqlite3-dev wrk

EXAMPLES := $(patsubst %/Package.swift,%,$(wildcard examples/*/Package.swift))

# Installs those of some Debian packages that are missing, and asks no network when none is.
define install
	@command -v dpkg-query >/dev/null || { echo "No Debian: make sure that these are there: $(1)"; exit 0; }; \
	missing=$$(for package in $(1); do \
	    [[ $$(dpkg-query -Wf '$${db:Status-Status}' $$package 2>/dev/null || true) == installed ]] || echo $$package; \
	done); \
	[[ -z $$missing ]] && exit 0; \
	sudo=$$([[ $$(id -u) == 0 ]] || echo sudo); \
	$$sudo apt-get update -qq; \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing
endef

##@ Use

.PHONY: run
run: release ## Install what is missing, build, and run orderd; ARGS are handed on
	exec .build/release/orderd run $(ARGS)

# A release build takes longer than a debug build, once: what `make run` shows is the service that people will have.
.PHONY: release
release: setup ## Build the orderd that is meant for use, .build/release/orderd
	$(SWIFT) build -c release --product orderd $(RELEASE_FLAGS)

.PHONY: setup
setup: ## Install the Debian packages that building needs, those that are missing
	$(call install,$(BUILD_PACKAGES))

# With a command, `make pg ARGS="-- CMD"` stops it when that ends, and hands it the URL in DATABASE_URL.
.PHONY: pg
pg: ## Start a PostgreSQL to try things with, and print its URL; Ctrl-C stops and removes it
	$(call install,$(PG_PACKAGES))
	@exec Tests/PostgresTesting/throwaway-postgres $(ARGS)

##@ Work

.PHONY: build
build: setup ## Build everything for debugging, warnings being errors
	$(SWIFT) build --build-tests

# What needs PostgreSQL loads the machine, and is kept apart from what has limits of time.
.PHONY: test
test: setup-tests examples guides ## Install what is missing, and pass every test
	$(SWIFT_TEST) --skip Postgres
	$(SWIFT_TEST) --skip-build --filter Postgres

.PHONY: test-long
test-long: setup-tests ## Try PostgreSQL's wire after every single byte, which takes minutes
	ORDERD_LONG_TESTS=1 $(SWIFT_TEST) --filter PostgresStorageTests

.PHONY: check
check: lint generated fuzz-shortly memory test ## All that a change has to pass

.PHONY: setup-tests
setup-tests: .build/python/installed
	$(call install,$(TEST_PACKAGES))

.build/python/installed: Makefile
	$(call install,$(TEST_PACKAGES))
	/usr/bin/python3 -m venv .build/python
	.build/python/bin/pip install -q $(PYTHON_PACKAGES)
	touch $@

# The format leaves comments and texts as long as they are. Counts characters, whatever the locale.
define LONG_LINES
import sys
names = sys.stdin.buffer.read().decode("utf-8").split("\0")[:-1]
lines = [(name, *line) for name in names for line in enumerate(open(name, encoding="utf-8"), 1)]
found = [f"{name}:{number}: longer than 120 characters" for name, number, line in lines if len(line.rstrip()) > 120]
print(*found, sep="\n", end="\n" if found else "")
sys.exit(len(found) > 0)
endef
export LONG_LINES

.PHONY: lint
lint: ## Check the format of all Swift files
	git ls-files -z --cached --others --exclude-standard -- '*.swift' | xargs -0 $(SWIFT) format lint --strict
	git ls-files -z --cached --others --exclude-standard -- '*.swift' | python3 -c "$$LONG_LINES"

.PHONY: format
format: ## Format all Swift files
	git ls-files -z --cached --others --exclude-standard -- '*.swift' | xargs -0 $(SWIFT) format --in-place

# That the reference is up to date has a test of its own.
.PHONY: reference
reference: setup ## Write docs/reference anew
	$(SWIFT) run orderd plugins reference docs/reference

.PHONY: generated
generated: setup-tests ## Check that generated files are up to date
	examples/make-orders.py | cmp - examples/orders.jsonl
	$(SWIFT_TEST) --filter 'ServiceTests.DocumentTests/reference'

.PHONY: examples
examples: $(EXAMPLES:%=%/check) ## Build, test and run the example packages

# The orderd of an example is named after it: memory-orderd. Each result is a line, and 65 says that some are refusals.
# An example leaves the trait HTTP out, and what only HTTP needs must then not even be fetched.
.PHONY: $(EXAMPLES:%=%/check)
$(EXAMPLES:%=%/check): %/check: setup-tests
	$(SWIFT_TEST) --package-path $*
	status=0; $(SWIFT) run --package-path $* "$$(basename $*/Sources/*-orderd)" run --config $*/orderd.yaml \
	    < examples/orders.jsonl > $*/.build/results.jsonl || status=$$?; \
	lines=$$(wc -l < $*/.build/results.jsonl); \
	[[ $$status == 65 && $$lines == 1000 ]] || { echo "$*: exit code $$status, $$lines results"; exit 1; }
	! grep -q swift-nio $*/.build/workspace-state.json || { echo "$*: fetches SwiftNIO without using it"; exit 1; }

# Beside the example, whose modules need not be built again.
.PHONY: guides
guides: examples ## Build and test the plugins that docs/guide prints
	Tests/Guides/write-package .build/guides
	$(SWIFT_TEST) --package-path .build/guides --scratch-path examples/memory-storage-plugin/.build

# Built apart, as instrumented and plain objects do not mix; llvm-cov has to be the toolchain's own. An instrumented
# program opens a file for its counts, so the test that it opens none cannot pass.
.PHONY: coverage
coverage: setup-tests ## Run the tests and say how much of each source file they reach
	$(SWIFT_TEST) --enable-code-coverage --scratch-path .build/coverage --skip 'ServiceTests.CommandTests/pure'
	binaries=$$($(SWIFT) build --show-bin-path --scratch-path .build/coverage); \
	arguments=(-instr-profile "$$binaries/codecov/default.profdata" "$$binaries/orderdPackageTests.xctest" \
	    -ignore-filename-regex '/\.build/|/Tests/'); \
	PATH="$$(dirname "$$(readlink -f "$$(command -v $(SWIFT))")"):$$PATH"; \
	llvm-cov export -format=lcov "$${arguments[@]}" > .build/coverage.lcov; \
	llvm-cov report "$${arguments[@]}"

.PHONY: fuzz
fuzz: setup-tests ## Feed the reader of profiles with nonsense, for FUZZ_SECONDS
	Tests/Fuzzing/run $(FUZZ_SECONDS)

.PHONY: fuzz-shortly
fuzz-shortly: setup-tests
	Tests/Fuzzing/run 20

.PHONY: memory
memory: release ## See that a long run of JSON lines takes no more memory than it may
	Tests/Memory/lines .build/release/orderd

.PHONY: bench
bench: release ## Measure orderd against other programs; ARGS are handed on, such as --quick
	$(call install,$(BENCH_PACKAGES))
	Tests/Benchmarks/bench $(ARGS)

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf .build $(EXAMPLES:%=%/.build)

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' \
	    '/^##@/ { print "\n" substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
