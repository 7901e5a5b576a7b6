# All commands of the project; `make help` lists them.

export GO ?= go
TOOL = $(GO) tool -modfile=internal/tools/tools.mod
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
# The slowest packages start first, so that none runs alone at the end; one more than there are processors run at a
# time, because some wait for a browser or for PostgreSQL.
PACKAGES = -p $(shell expr $$(nproc) + 1) ./internal/e2e/... ./internal/lifecycle/... ./web/... ./internal/admin/... \
	./internal/store/... ./internal/workspace/... ./internal/shape/... ./...
# The race detector is off for SQLite itself and its memory, which are C translated to Go: their data is outside of Go's
# memory, where the detector sees nothing, and instrumenting them makes the tests several times slower. It is off as well
# for the HTML parser of the tests and for compression, which share no data between goroutines and are a sixth of the
# tests' time. It has to be on wherever atomic operations order goroutines, which is why no other package is left out.
UNSEEN = modernc.org/sqlite/lib modernc.org/libc modernc.org/memory golang.org/x/net/html compress/flate
RACE = -race $(UNSEEN:%=-gcflags=%=-race=false) -gcflags=modernc.org/sqlite=-d=checkptr=0 -shuffle=on
TEMPLATES = $(wildcard views/*.templ views/*/*.templ internal/*/*.templ)

.PHONY: help
help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: run
run: ## run the product with sample organizations; needs only Go
	$(GO) run ./cmd/myaccess demo $(ARGS)

# Templates are not inlined: each caller would have a copy of the whole page, 0.8 MB in all.
# internal/e2e/rig builds with the same options.
.PHONY: build
build: ## build bin/myaccess, static
	CGO_ENABLED=0 $(GO) build -trimpath -gcflags=myaccess/views/...=-l -ldflags '-s -w -X main.version=$(VERSION)' -o bin/myaccess ./cmd/myaccess

.PHONY: generate
generate: ## regenerate the Go code of the templates, and the list of all messages
	$(GO) tool templ fmt .
	$(GO) tool templ generate
	$(GO) run ./internal/tools/messages

.PHONY: vendor
vendor: ## fetch the third-party files of static/vendor by its manifest
	internal/tools/vendor.sh

.PHONY: test
test: setup ## run all tests, on SQLite and on PostgreSQL
	internal/tools/test.sh -timeout 30m $(PACKAGES)

# Enumerations and the marking printer, which tests of several packages use.
FOR_TESTS = (ErrorKinds|GrantStates|Pseudo)$$

.PHONY: deadcode
deadcode: ## find functions that nothing calls, or nothing but tests
	@found=$$($(TOOL) deadcode -test ./... && \
		$(TOOL) deadcode $$($(GO) list ./... | grep -v -e 'test$$' -e '/internal/e2e')) || exit 1; \
		found=$$(echo "$$found" | grep -v -E 'func: $(FOR_TESTS)' | sort -u); \
		test -z "$$found" || { echo "$$found"; exit 1; }

.PHONY: race
race: ## all tests, with the race detector and in random order
	internal/tools/test.sh -timeout 40m $(VET) $(RACE) $(PACKAGES)

.PHONY: deep
deep: setup ## `make race` with many rounds, kills, days and people (200, 100, 400, 500), for running by hand
	MYACCESS_ROUNDS=$${MYACCESS_ROUNDS:-200} MYACCESS_KILLS=$${MYACCESS_KILLS:-100} \
		MYACCESS_DAYS=$${MYACCESS_DAYS:-400} MYACCESS_PEOPLE=$${MYACCESS_PEOPLE:-500} internal/tools/test.sh -timeout 180m $(RACE) $(PACKAGES)

.PHONY: screenshots
screenshots: setup ## run the browser tests, with screenshots of every page in artifacts/screenshots
	MYACCESS_SCREENSHOTS=$(CURDIR)/artifacts/screenshots internal/tools/test.sh -count=1 -timeout 20m ./internal/e2e

.PHONY: bench
bench: ## measure the released program, and every page at full size; takes a quarter of an hour
	$(GO) run ./internal/e2e/bench $(ARGS)

.PHONY: check
check: VET = -vet=off # lint runs all of go vet
check: setup current lint deadcode race ## everything that a change must pass; changes no file

.PHONY: setup
setup: ## install what the tests need (Debian, as root), or print the command
	internal/tools/setup.sh

.PHONY: current
current: ## are the templates formatted, and is their code current?
	@for f in $(TEMPLATES); do $(GO) tool templ fmt -log-level error <$$f 2>/dev/null | cmp -s - $$f || \
		{ echo "$$f is not formatted; make generate does it"; exit 1; }; done
	$(GO) tool templ generate -check -log-level error
	@files=$$(gofmt -l cmd internal static views web); test -z "$$files" || { echo "not formatted: $$files"; exit 1; }

.PHONY: lint
lint: ## go vet, linters, checksums of modules
	$(GO) mod verify
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(TOOL) golangci-lint run

.PHONY: clean
clean: ## remove build results
	rm -rf bin artifacts
