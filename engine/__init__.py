"""Gets the real Pulumi engine onto this machine, and runs the project's stacks with it.

The pipeline, from `make up` on a fresh machine to a model's answer:

1. `packages` makes `.venv` from `requirements/lock.txt`, by the machine's own Python; everything later runs in `.venv`.
2. `resolve` finds the engine: an installed Pulumi (`release`), else Pulumi's release (`release`), else one built from
   Go modules (`build`, with `golang` for the compiler) into a cache that is keyed by content (`cache`).
   `plugins` lays its plugins out for the sandbox stack.
3. Where the engine was built here, `host` is the language host for Python programs: Pulumi's own comes with its
   release only.
4. `sandbox` starts the loopback cloud and finds it again; `stack` runs `up`, `preview` and `down` of a stack with it.
5. `terraform` finds or builds a Terraform CLI and Terraform's own alicloud provider, to compare on the same sandbox.

Only the standard library is imported here (but for `host`, which runs in `.venv`), so that a fresh machine can start.
"""
