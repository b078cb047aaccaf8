# The two commands are `make run` and `make test`; the rest is for those who change the code.

GO ?= go

# The version is a constant of the source (internal/version). Stamping would only fail where git distrusts the checkout's
# owner, as in many containers.
export GOFLAGS := -buildvcs=false $(GOFLAGS)

.PHONY: run build test test-long cross lint format fuzz oracles clean

## run: set up what is missing, build, and run the demonstration
run:
	scripts/setup
	$(MAKE) build
	bin/halftone demo

## build: bin/halftone
build:
	$(GO) build -o bin/halftone ./cmd/halftone

## test: set up what is missing and run every test but the long ones
test:
	scripts/setup
	$(GO) test -timeout 18m ./...

## test-long: every test, also exhaustive sweeps and long trainings
test-long:
	scripts/setup
	$(GO) test -tags long -timeout 6h ./...

## cross: build and vet for other processors, test the kernels in Go alone, compare runs of builds that fuse and do not
cross:
	GO="$(GO)" scripts/cross

## lint: formatting, vet, golangci-lint, staticcheck
lint:
	scripts/lint

## format: write all Go files in gofumpt's form
format:
	"$$(scripts/tools)/gofumpt" -w .

## fuzz: every fuzz test for FUZZTIME (default 30s) each
FUZZTIME ?= 30s
fuzz:
	scripts/fuzz $(FUZZTIME)

## oracles: ask other programs for their results anew, and compare; UPDATE=1 writes what the tests compare with.
## Installs them first, with pip: 5.5 GB
oracles: build
	GO="$(GO)" tests/oracles/run $(if $(UPDATE),--update)

clean:
	rm -rf bin
