"""Gets the real Pulumi engine onto this machine, and runs the project's stacks with it.

The steps from `make up` on a fresh machine to a model's answer:

1. `packages` creates `.venv` from `requirements/lock.txt` with the machine's own Python; everything
   later runs in `.venv`.
2. `resolve` chooses the engine: an installed Pulumi (`release`), else Pulumi's release (`release`),
   else one built from Go modules (`build`, with `golang` for the compiler) into a cache that is
   keyed by content (`cache`). `plugins` links its plugins for the sandbox stack.
3. Where the engine was built here, `host` is the language host for Python programs: Pulumi's own
   comes with its release only.
4. `sandbox` starts the loopback cloud or connects to the running one; `stack` runs `up`, `preview`
   and `down` of a stack with it.
5. `terraform` locates or builds a Terraform CLI and Terraform's own alicloud provider, to compare
   on the same sandbox.

`packages` imports only the standard library, so that a fresh machine can start.
"""
