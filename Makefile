.DEFAULT_GOAL := help
.PHONY: help build run image up down keys keys-list rotate-keys retire-keys revoke-key orders test test-image lint fmt doc size ci bench session-bytes fuzz clean

CARGO ?= cargo
SIGNET := target/release/signet
# On a build machine every failure is shown; at the desk the first one stops the run.
NEXTEST_PROFILE := $(if $(CI),ci,default)
# A container has files of several owners, which only root can make.
IMAGE_TEST := image::the_image_runs
UNTRIED := $(if $(filter-out 0,$(shell id -u)),-- --skip $(IMAGE_TEST))

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Try it

# The release build takes longer the first time, but it is what you will deploy: what you try and
# measure is the real thing, and a later `make bench` or installation has nothing to build.
build: ## Build the release binary, target/release/signet
	$(CARGO) build --release --bin signet

# REDIS=1 keeps sessions in a redis-server that starts and ends with it; data/redis has its data.
# POSTGRES=1 beside it does the same for accounts, in data/postgres.
run: build ## Build, make keys, serve; REDIS=1 POSTGRES=1 with stores of its own
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

up: ## Start two issuers, their stores, a gateway and an example with Docker
	@deploy/compose/secrets.sh
	docker compose -f deploy/compose/compose.yaml up --build --detach

down: ## End what `make up` has started; its data stays
	docker compose -f deploy/compose/compose.yaml down

orders: ## Run the example service that verifies tokens, beside `make run`
	$(CARGO) run --package signet-verifier --all-features --example orders

##@ Keys

keys: build ## Make the keys folder if there is none
	@$(SIGNET) keys init

keys-list: build ## Show every key and its state
	@$(SIGNET) keys list

rotate-keys: build ## Let the next key take over and publish a new next one
	@$(SIGNET) keys rotate

retire-keys: build ## Remove keys that no living token was signed by
	@$(SIGNET) keys retire

revoke-key: build ## Take a leaked key out at once: make revoke-key KID=...
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

test: ## Run every test; installs what they need
	@command -v curl >/dev/null || tests/install.sh curl
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
	@$(if $(UNTRIED),echo 'One test takes root and did not run: make test-image')

test-image: ## Build the container image and run it, as root
	@tests/install-servers.sh
	$(CARGO) build --workspace --all-features --bins
	$(CARGO) test --workspace --all-features --test deploy $(IMAGE_TEST)

size: ## Print how small the verifier is: crates and lines
	@$(CARGO) test --quiet --workspace --all-features --test tidy size:: -- --nocapture --test-threads 1

ci: lint doc test $(if $(UNTRIED),test-image) ## Everything that must hold before a change is taken

bench: build ## Measure logins, tokens, refreshes, verifications, the store and the start
	@tests/install-server.sh redis >/dev/null
	$(CARGO) bench --workspace --all-features --bench login --bench redis --bench rotations --bench start --bench tokens --bench verify

session-bytes: ## Print what a session takes in Redis; over 300 bytes is a failure
	@tests/install-server.sh redis >/dev/null
	$(CARGO) test --workspace --all-features --test redis memory -- --nocapture

fuzz: ## Let a fuzzer look for what the verifier takes badly, for a minute
	@CARGO=$(CARGO) tests/fuzz/run.sh

clean: ## Remove what was built; keys and data stay
	$(CARGO) clean
