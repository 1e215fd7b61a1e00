.DEFAULT_GOAL := help
.PHONY: help build run image dist dist-static dist-check dist-try up down keys keys-list rotate-keys retire-keys revoke-key orders test test-image lint fmt doc deny msrv size ci bench bench-peers bench-compare upgrade-check bench-growth bench-plot instructions attack-figures enumeration-figures revocation-figures soak bench-accounts bench-lists bench-parts session-bytes fuzz clean

CARGO ?= cargo
SIGNET := target/release/signet
# In CI every failure is shown; elsewhere the first failure stops the run.
NEXTEST_PROFILE := $(if $(CI),ci,default)
# These tests create files of several owners, which only root can do.
ROOT_TESTS := image::the_image_runs dist::the_archive_and_the_package_work
UNTRIED := $(if $(filter-out 0,$(shell id -u)),-- $(foreach test,$(ROOT_TESTS),--skip $(test)))

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Try it

# The release build takes longer the first time. It is the program that you deploy and measure, and
# `make bench` uses it too.
build: ## Build the release binary, target/release/signet
	$(CARGO) build --release --bin signet

# REDIS=1 starts a redis-server for sessions and stops it at the end; its data is in data/redis.
# POSTGRES=1 with REDIS=1 does the same for accounts, in data/postgres.
run: build ## Build, create keys, serve; REDIS=1 POSTGRES=1 start their own stores
	@$(SIGNET) keys init
	@mkdir -p data
	@configured() { $(SIGNET) config check 2>/dev/null | awk -v key="$$1" '$$1 == key { print $$2 }'; }; \
	address=$$(configured listen); database=$$(configured database_url); \
	printf '%s\n' '' \
	  $(if $(REDIS),"Accounts                $(if $(POSTGRES),data/postgres,$$database)" 'Sessions                data/redis',"Accounts and sessions   $$database") \
	  "Keys                    $$(configured keys.dir)/ (never commit them)" \
	  "Public keys             http://$$address/.well-known/jwks.json" \
	  'Stop                    Ctrl-C' '' \
	  'When it is ready, type this in another terminal:' '' \
	  "  curl -s http://$$address/auth/register -H 'Content-Type: application/json' -d '{\"email\": \"ada@example.com\", \"password\": \"engine no. 9 steams\"}'" ''
	@exec $(if $(POSTGRES),tests/with-postgres.sh) $(if $(REDIS),tests/with-redis.sh) $(SIGNET) serve

image: build ## Build the container image, with Docker or buildah
	@deploy/container/build.sh $(SIGNET) target/signet-image.tar

dist: ## Build the files of a release: archive, .deb, SBOM, checksums
	@CARGO=$(CARGO) deploy/dist/build.sh

# Where Rust has the musl target, `make dist` makes the static program itself.
dist-static: ## Build the same files with a static program, in a Debian of its own; needs root
	@CARGO=$(CARGO) deploy/dist/static.sh

dist-check: ## Build the release twice, in two folders, and compare the bytes
	@CARGO=$(CARGO) deploy/dist/check.sh

dist-try: ## Run the files of target/dist on a bare Debian; needs root
	@command -v curl >/dev/null || tests/install.sh curl
	@deploy/dist/try.sh

up: ## Start two issuers, stores, a gateway and an example with Docker
	@deploy/compose/secrets.sh
	docker compose -f deploy/compose/compose.yaml up --build --detach

down: ## Stop what `make up` started; keep its data
	docker compose -f deploy/compose/compose.yaml down

orders: ## Run the example service beside `make run`
	$(CARGO) run --package signet-verifier --all-features --example orders

##@ Keys

keys: build ## Create the keys folder if it is missing
	@$(SIGNET) keys init

keys-list: build ## Show every key and its state
	@$(SIGNET) keys list

rotate-keys: build ## Activate the next key and publish a new next key
	@$(SIGNET) keys rotate

retire-keys: build ## Retire keys whose tokens have all expired
	@$(SIGNET) keys retire

revoke-key: build ## Revoke a leaked key now: make revoke-key KID=...
	@$(SIGNET) keys revoke '$(or $(KID),$(error name the key: make revoke-key KID=..., and make keys-list shows them))'

##@ Develop

fmt: ## Format the code
	$(CARGO) fmt --all

lint: ## Check the format and the lints; a warning is an error
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --all-features -- -D warnings
	$(CARGO) clippy --package signet-verifier --no-default-features -- -D warnings

doc: ## Build the documentation of the crates, target/doc
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --workspace --all-features --no-deps

test: ## Install what the tests need, then run every test
	@command -v curl >/dev/null || tests/install.sh curl
	@command -v openssl >/dev/null || tests/install.sh openssl
	@command -v zsh >/dev/null || tests/install.sh zsh
	@command -v fish >/dev/null || tests/install.sh fish
	@tests/install-servers.sh
	@tests/install-clients.sh
	@tests/install-checks.sh
	@tests/install-schemathesis.sh
	$(CARGO) build --workspace --all-features --bins --examples
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
	  set -x; $(CARGO) nextest run --workspace --all-features --profile $(NEXTEST_PROFILE) $(UNTRIED); \
	else \
	  set -x; $(CARGO) test --workspace --all-features --lib --bins --tests $(if $(CI),--no-fail-fast) $(UNTRIED); \
	fi
	$(CARGO) test --workspace --all-features --doc
	@$(if $(UNTRIED),echo 'Two tests need root and did not run: make test-image')

test-image: ## Build the container image and the files of a release and run them, as root
	@tests/install-servers.sh
	$(CARGO) build --workspace --all-features --bins
	$(CARGO) test --workspace --all-features --test deploy -- $(ROOT_TESTS)

deny: ## Check licences, sources and advisories of dependencies
	@CARGO=$(CARGO) tests/deny.sh

msrv: ## Compile the verifier with the oldest Rust that it declares
	@CARGO=$(CARGO) tests/msrv.sh

size: ## Print the size of the verifier: crates and lines
	@$(CARGO) test --quiet --workspace --all-features --test tidy size:: -- --nocapture --test-threads 1

ci: lint doc deny test instructions $(if $(UNTRIED),test-image) ## Run every check that a change must pass

# The rotations are a bench of the store that the table has a row of.
bench: build ## Load the release binary on each store and print one table of costs and targets
	@tests/install-server.sh redis >/dev/null
	@$(CARGO) bench --quiet --no-run --package signet-store --all-features --bench rotations
	@$(CARGO) bench --quiet --package signet-bench --bench signet

bench-peers: build ## Load the release binary beside other issuers and print ratios
	@tests/install-server.sh redis >/dev/null
	@tests/install-server.sh glewlwyd >/dev/null
	@tests/install-clients.sh
	@$(CARGO) bench --quiet --package signet-bench --bench peers

bench-compare: build ## Compare costs with those of another build: make bench-compare BEFORE=/path/to/signet
	@tests/install-server.sh redis >/dev/null
	@SIGNET_BENCH_BEFORE='$(or $(BEFORE),$(error name the other build: make bench-compare BEFORE=/path/to/signet))' \
	  $(CARGO) bench --quiet --package signet-bench --bench compare

upgrade-check: ## Upgrade another build under load: make upgrade-check BEFORE=/path/to/signet
	@tests/install-server.sh redis >/dev/null
	@tests/install-server.sh postgres >/dev/null
	@$(CARGO) build --quiet --workspace --all-features --bins --examples
	@SIGNET_UPGRADE_BEFORE='$(realpath $(or $(BEFORE),$(error name the other build: make upgrade-check BEFORE=/path/to/signet)))' \
	  $(CARGO) nextest run --workspace --all-features --test postgres --no-capture upgrade::

bench-growth: build ## Measure how a refresh grows with sessions, connections and replicas
	@tests/install-server.sh redis >/dev/null
	@tests/install-server.sh postgres >/dev/null
	@$(CARGO) bench --quiet --package signet-bench --bench growth

bench-plot: ## Draw the figures of bench-growth and bench-peers for BENCHMARKS.md
	@python3 tests/bench/plot.py

# WRITE=1 keeps the new counts. They are those of a debug build, which `make test` makes anyway.
instructions: ## Count instructions of frequent operations; compare with the kept counts
	@command -v valgrind >/dev/null || tests/install.sh valgrind
	@$(CARGO) bench --quiet --profile dev --workspace --all-features --bench instructions -- $(if $(WRITE),--write)

attack-figures: build ## Print what honest requests get while the release binary is attacked
	@$(CARGO) bench --quiet --package signet-bench --bench attack

enumeration-figures: build ## Print medians of the answers to addresses with and without an account
	@$(CARGO) bench --quiet --package signet-bench --bench enumeration

bench-accounts: build ## Import a million accounts on each database and print time, size and sign-in latency
	@tests/install-server.sh redis >/dev/null
	@tests/install-server.sh postgres >/dev/null
	@$(CARGO) bench --quiet --package signet-bench --bench accounts

bench-lists: build ## Print what revocation lists cost: time, bytes of a token, size of lists
	@$(CARGO) bench --quiet --package signet-bench --bench lists

revocation-figures: ## Print how soon services refuse what ended: 200 endings of each kind
	@tests/install-server.sh redis >/dev/null
	$(CARGO) build --workspace --all-features --bins
	ENDINGS=200 $(CARGO) test --workspace --all-features --test revocation -- --nocapture --test-threads 1

soak: ## Send mixed load for 5 minutes on SQLite, and on PostgreSQL and Redis; print what the server uses
	@tests/install-server.sh redis >/dev/null
	@tests/install-server.sh postgres >/dev/null
	$(CARGO) build --workspace --all-features --bins
	SOAK_SECONDS=300 $(CARGO) test --workspace --all-features --test postgres soak -- --nocapture --test-threads 1

bench-parts: build ## Measure single parts: a login's delay, an event, the stores, the verifier
	@tests/install-server.sh redis >/dev/null
	$(CARGO) bench --workspace --all-features --bench events --bench login --bench redis --bench rotations --bench status --bench verify

session-bytes: ## Print the bytes of a session in Redis; more than 300 fail
	@tests/install-server.sh redis >/dev/null
	$(CARGO) test --workspace --all-features --test redis memory -- --nocapture

fuzz: ## Fuzz the verifier for a minute
	@CARGO=$(CARGO) tests/fuzz/run.sh

clean: ## Remove build output; keep keys and data
	$(CARGO) clean
