# Everything that one does to this project. `make help` lists it.

GO ?= go
GENERATED = $(wildcard views/*.templ views/ui/*.templ internal/demo/*.templ internal/mail/*.templ)

.PHONY: help
help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.PHONY: generate
generate: ## write the Go code of the templates anew
	$(GO) tool templ fmt .
	$(GO) tool templ generate

.PHONY: test
test: ## run all tests, on SQLite and on PostgreSQL
	internal/tools/setup.sh
	internal/tools/postgres.sh $(GO) test ./...

.PHONY: check
check: ## everything that a change must pass
	internal/tools/setup.sh
	test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	$(GO) mod verify
	$(GO) vet ./...
	internal/tools/postgres.sh $(GO) test -race ./...
