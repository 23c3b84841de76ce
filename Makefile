# The project's commands. STACK is a stack of stacks/; the default is the sandbox, which needs no account.
STACK ?= sandbox
PYTHON ?= python3

RUN := .venv/bin/python -m engine
WORKERS ?= 8

.PHONY: up preview down live test check format bench docs pictures lock packages

up: packages  ## deploy STACK (any but the sandbox after a confirmation), write the client files
	@$(RUN) up --stack $(STACK)

preview: packages  ## show what up would change
	@$(RUN) preview --stack $(STACK)

down: packages  ## destroy STACK; for the sandbox, stop its cloud too
	@$(RUN) down --stack $(STACK)

live: packages  ## run the whole life of a scratch stack in the account of STACK, with a report
	@$(RUN) live --stack $(STACK)

test: packages  ## run all tests; the engine is built if it is not installed
	@DASHLINK_ENGINE_RELEASE=off $(RUN) test --workers $(WORKERS) $(ARGS)

check: packages  ## format, lint, strict types
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy

format: packages  ## format the code
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

bench: packages  ## compare up with Pulumi and Terraform alone
	@DASHLINK_ENGINE_RELEASE=off $(RUN) bench

campaign: packages  ## kill runs at 200 drawn points (ARGS="--points N --seed N"); each must be whole after one more run
	@DASHLINK_ENGINE_RELEASE=off PYTHONPATH=tests:. .venv/bin/python -m campaign $(ARGS)

docs: packages  ## build the site of the documentation into site/; a broken link is an error
	@$(RUN) docs

pictures: packages  ## render docs/pictures/*.dot, with an installed Graphviz
	@.venv/bin/dashlink diagram sandbox --format dot --out docs/pictures/sandbox.dot
	@.venv/bin/python -m engine.pictures

lock: packages  ## update the lock files from pyproject.toml
	@.venv/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet --output-file requirements/lock.txt
	@.venv/bin/uv pip compile --group docs --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet --output-file requirements/docs.txt

packages:
	@$(PYTHON) -m engine.packages
