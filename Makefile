# The few commands people type. STACK is a stack of stacks/; the default is the sandbox: a loopback cloud, no account.
STACK ?= sandbox
PYTHON ?= python3

RUN := .venv/bin/python -m engine
WORKERS ?= 8

.PHONY: up preview down test check format bench lock packages

up: packages  ## deploy STACK (the sandbox at once; any other after asking), write the client files
	@$(RUN) up --stack $(STACK)

preview: packages  ## show what up would change
	@$(RUN) preview --stack $(STACK)

down: packages  ## destroy STACK; of the sandbox, end its cloud too
	@$(RUN) down --stack $(STACK)

test: packages  ## run every test; the engine is built where it is not installed
	@DASHLINK_ENGINE_RELEASE=off $(RUN) test --workers $(WORKERS) $(ARGS)

check: packages  ## format, lint, strict types
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy

format: packages  ## format the code
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

bench: packages  ## measure up against Pulumi and Terraform without dashlink
	@DASHLINK_ENGINE_RELEASE=off $(RUN) bench

lock: packages  ## write requirements/lock.txt anew from pyproject.toml
	@.venv/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet --output-file requirements/lock.txt

packages:
	@$(PYTHON) -m engine.packages
