# Everything a contributor runs. `make` alone lists the targets.

SWIFT ?= swift
PACKAGES = libopenblas-dev libzstd-dev
DEMO = fixtures/demo
DEMO_OUTPUT = .build/demo-output
SOURCES = Sources Tests Package.swift Benchmarks/Sources Benchmarks/Package.swift

.PHONY: help setup build demo test bench ablations format lint docs

help:
	@echo "make setup   install the Debian packages that are missing ($(PACKAGES))"
	@echo "make build   release build: .build/release/panacea-patch"
	@echo "make demo    build, then patch the small damaged model in $(DEMO)"
	@echo "make test    build and run all tests"
	@echo "make bench   time it; optional: MODEL=folder ROWS=folder PYTHON=python-with-torch PARTS=steps,gradient"
	@echo "make ablations MODEL=damaged REFERENCE=aligned ROWS=folder   compare recipes and controls"
	@echo "make format  rewrite the sources in the house style"
	@echo "make lint    check the house style"
	@echo "make docs    write the library's reference pages to docs/api"

# Needs root only when a package is missing.
setup:
	@missing=""; \
	for package in $(PACKAGES); do \
	  status=$$(dpkg-query -W -f '$${Status}' $$package 2>/dev/null) || true; \
	  [ "$$status" = "install ok installed" ] || missing="$$missing $$package"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	command="apt-get update && apt-get install -y --no-install-recommends$$missing"; \
	if [ "$$(id -u)" = 0 ]; then as=""; \
	elif command -v sudo >/dev/null; then as="sudo"; \
	else echo "Missing Debian packages:$$missing. As root, run: $$command" >&2; exit 1; fi; \
	echo "Installing missing Debian packages:$$missing"; \
	$$as env DEBIAN_FRONTEND=noninteractive sh -c "$$command" </dev/null

build: setup
	$(SWIFT) build -c release --product panacea-patch

demo: build
	.build/release/panacea-patch $(DEMO)/damaged $(DEMO_OUTPUT) --overwrite \
	  --harmful $(DEMO)/calibration/harmful.jsonl \
	  --benign $(DEMO)/calibration/benign.jsonl \
	  --task $(DEMO)/calibration/task.jsonl

# The debug build comes first because the command tests run the program itself.
test: setup
	$(SWIFT) build --product panacea-patch
	$(SWIFT) test --disable-xctest

bench: setup
	$(SWIFT) run -c release --package-path Benchmarks bench $(MODEL) $(if $(ROWS),--rows $(ROWS)) \
	  $(if $(PYTHON),--python $(PYTHON)) $(if $(PARTS),--parts $(PARTS))

ablations: setup
	$(SWIFT) run -c release --package-path Benchmarks ablations $(MODEL) \
	  $(if $(REFERENCE),--reference $(REFERENCE)) --rows $(ROWS)

format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)

docs: setup
	rm -rf .build/symbols docs/api
	$(SWIFT) package dump-symbol-graph --minimum-access-level public
	mkdir -p .build/symbols docs
	find -L .build -path '*/symbolgraph/*' \( -name 'FormatIO*.json' -o -name 'Perturb*.json' \) \
	  ! -name '*Tests*' -exec cp {} .build/symbols \;
	$$(dirname $$(readlink -f $$(command -v $(SWIFT))))/docc convert \
	  --additional-symbol-graph-dir .build/symbols --output-path docs/api \
	  --fallback-display-name panacea-patch --fallback-bundle-identifier panacea-patch
