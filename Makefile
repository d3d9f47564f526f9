# Every command that a person or CI runs. `make` alone lists them.
# What is installed or built once per machine lives in $(CACHE), keyed by version; what runs lives below target/.

CACHE := $(or $(STOWAGE_CACHE),$(HOME)/.cache/stowage)
TOOLS := $(CACHE)/tools
TARGET := $(or $(CARGO_TARGET_DIR),target)
LEPTOS := $(TOOLS)/cargo-leptos-0.3.10/bin/cargo-leptos
BINDGEN := $(TOOLS)/wasm-bindgen-cli-0.2.130/bin/wasm-bindgen
DENY := $(TOOLS)/cargo-deny-0.20.2/bin/cargo-deny
FUZZ := $(TOOLS)/cargo-fuzz-0.13.2/bin/cargo-fuzz
WASM_OPT := $(TOOLS)/binaryen-132.0.0/node_modules/.bin/wasm-opt
BROWSER_TESTS := end2end/node_modules/.package-lock.json
EDITOR_TOOLS := editor/node_modules/.package-lock.json
TASK_EDITOR := public/editor.js
TERMINAL := public/terminal.js public/terminal.css
STEP := @end2end/step
WASM := --target wasm32-unknown-unknown

export PATH := $(dir $(LEPTOS)):$(dir $(BINDGEN)):$(dir $(WASM_OPT)):$(PATH)
export STOWAGE_CACHE := $(CACHE)

.PHONY: help demo test cluster-tests check bench bench-quick counted soak fuzz dev build ground picture down format clean
help: ## list the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "make %-11s %s\n", $$1, $$2}' Makefile

demo: build ## the portal on a real cluster, with three accounts; Ctrl-C ends all of it
	@end2end/demo

test: check build $(BROWSER_TESTS) ## everything that CI runs, ends with counts
	@end2end/browser
	@$(MAKE) --no-print-directory ground
	@$(MAKE) --no-print-directory cluster-tests; status=$$?; $(TARGET)/debug/ground down; exit $$status
	@$(MAKE) --no-print-directory counted
	@end2end/step --counts

# What needs the cluster; `test` ends it afterwards, whatever came out.
cluster-tests:
	$(STEP) "tests on the real cluster and provider" end2end/with-ground cargo test --workspace --features domain/owner
	$(STEP) "browser stories" end2end/with-ground npm --prefix end2end test
	$(STEP) "rights used and rights granted" $(TARGET)/debug/ground rights --whole
	$(STEP) "what the volumes page downloads" node end2end/budget.mjs

check: tools $(DENY) ## the quick part of test: format, lints, rules; under a minute warm
	$(STEP) "format" cargo fmt --check
	$(STEP) "lint, native" cargo clippy --workspace --all-targets --features domain/owner
	$(STEP) "lint, wasm" cargo clippy -p app --features hydrate $(WASM)
	$(STEP) "domain alone for wasm" cargo clippy -p domain $(WASM)
	$(STEP) "layers and licences" $(DENY) --log-level error check bans licenses sources
	$(STEP) "domain is pure" end2end/pure
	$(STEP) "proofs of parity" end2end/parity
	$(STEP) "rules" cargo test -p domain --features owner,yaml

fuzz: tools $(FUZZ) ## made-up inputs for every parser, FOR=600 seconds each
	@fuzz/run $(FUZZ) $(or $(FOR),600)

# A short one is part of `test`. The ground ends afterwards, whatever came out.
soak: ground ## random people and random faults for FOR=1800 seconds; SEED= to choose alike, RECORDS=postgres for those
	@FOR=$(or $(FOR),1800) SEED=$(or $(SEED),$$(date +%s)) end2end/with-ground cargo test --workspace --features domain/owner --test soak -- --nocapture; \
	  status=$$?; $(TARGET)/debug/ground down; exit $$status

# Clocks need the optimised program, counts do not.
bench: build $(BROWSER_TESTS) ## measure against raw API server, bare watch, stock reflector; CLAIMS=100000 for ten times the objects
	@end2end/browser
	$(STEP) "bench program" cargo build --release -p bench
	@end2end/bench/run $(TARGET)/release/bench $(if $(QUICK),--quick) $(if $(CLAIMS),--claims $(CLAIMS))

bench-quick: build ## the budgets that are counted: bytes, requests, rows, lists; fails when one is passed
	@$(MAKE) --no-print-directory counted

# With an API server of its own, which ends whatever comes out.
counted:
	$(STEP) "bench program" cargo build --workspace --features domain/owner --bin bench
	$(STEP) "counted budgets" end2end/bench/run $(TARGET)/debug/bench --quick

dev: tools $(WASM_OPT) $(LEPTOS) $(BINDGEN) $(TASK_EDITOR) $(TERMINAL) ground ## the demo with reload on change
	@LEPTOS_HASH_FILES=false LEPTOS_SITE_ROOT=target/site-dev end2end/with-ground $(LEPTOS) watch

build: tools $(WASM_OPT) $(LEPTOS) $(BINDGEN) $(TASK_EDITOR) $(TERMINAL)
	$(STEP) "portal" $(LEPTOS) build --release --precompress

ground: tools
	$(STEP) "ground program" cargo build -p ground
	@$(TARGET)/debug/ground up

picture: ground build $(BROWSER_TESTS) ## take the README's picture again
	@PICTURE=../docs/volumes.png end2end/with-ground npm --prefix end2end test -- picture

down: ## end the test cluster that a killed run left behind
	@$(TARGET)/debug/ground down

format: ## format the code
	cargo fmt

clean: ## remove what was built here (not the machine's cache)
	rm -rf target end2end/node_modules editor/node_modules $(TASK_EDITOR) $(TERMINAL)

.PHONY: tools
tools:
	@end2end/step --need cargo rustup go node npm cc
	@rustup target list --installed | grep -q wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown

$(LEPTOS):
	$(STEP) "cargo-leptos (once per machine)" env -u CARGO_TARGET_DIR cargo install --quiet --root $(TOOLS)/cargo-leptos-0.3.10 --locked --no-default-features --features no_downloads --debug cargo-leptos@0.3.10

# Not with its own lock file: that names a version which is no longer served.
$(BINDGEN):
	$(STEP) "wasm-bindgen (once per machine)" env -u CARGO_TARGET_DIR cargo install --quiet --root $(TOOLS)/wasm-bindgen-cli-0.2.130 --debug wasm-bindgen-cli@0.2.130

$(DENY):
	$(STEP) "cargo-deny (once per machine)" env -u CARGO_TARGET_DIR cargo install --quiet --root $(TOOLS)/cargo-deny-0.20.2 --locked --debug cargo-deny@0.20.2

$(FUZZ):
	$(STEP) "cargo-fuzz (once per machine)" env -u CARGO_TARGET_DIR cargo install --quiet --root $(TOOLS)/cargo-fuzz-0.13.2 --locked cargo-fuzz@0.13.2

$(WASM_OPT):
	$(STEP) "wasm-opt (once per machine)" npm install --silent --no-audit --no-fund --prefix $(TOOLS)/binaryen-132.0.0 binaryen@132.0.0

# The editor of task files and the terminal of shells: files that only their pages load. cargo-leptos copies them beside the bundle.
$(EDITOR_TOOLS): editor/package-lock.json
	$(STEP) "editor's packages" npm ci --silent --no-audit --no-fund --prefix editor
	@touch $@

$(TASK_EDITOR) $(TERMINAL) &: $(EDITOR_TOOLS) editor/package.json $(wildcard editor/*.js editor/*.css)
	$(STEP) "editor and terminal" npm run --silent --prefix editor build

$(BROWSER_TESTS): end2end/package-lock.json
	$(STEP) "browser test tools" env PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund --prefix end2end
	@touch $@
