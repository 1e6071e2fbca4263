# `make up` and `make test` are all that a newcomer needs. The logic is in the scripts that are called.

.PHONY: help up down test test-fast lint golden oracle bench clean-tests
.DEFAULT_GOAL := help

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

up: ## Build, deploy a server with MariaDB on this machine, check its health
	@tests/up

down: ## Stop that server; its data stays (target/release/deploy destroy --delete-data removes it)
	@target/release/deploy destroy -f examples/remote-server-local.yaml --yes

test: ## Set up real servers and run all tests
	@tests/run

test-fast: ## Run the tests that need nothing but the compiler
	@tests/run fast

lint: ## Check layout, clippy, shell scripts and generated files
	@tests/lint

golden: ## Write expected outputs, schemas and pictures anew; read the diff afterwards
	@UPDATE_GOLDEN=1 INSTA_UPDATE=always cargo test --quiet --lib --bins
	@UPDATE_GOLDEN=1 cargo test --quiet --test it generated_files
	@UPDATE_GOLDEN=1 cargo test --quiet --test it golden_
	@git status --short

oracle: ## Build the real Helm, which judges our charts
	@tests/setup oracle

bench: ## Measure
	@cargo bench

clean-tests: ## Remove everything that tests/setup made
	@tests/setup --clean
