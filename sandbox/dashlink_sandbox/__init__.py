"""A loopback Alibaba Cloud: what the real Pulumi engine, the real provider and the official SDKs talk to.

A request's way: listener.py (HTTP or TLS, by the first byte) -> server.py (HTTP) -> wire/ (parameters, signature) ->
cloud.py (identity, client token, draft) -> services/<product>/ (rules, records) -> state.py, kept in a file. What the
cloud does by itself is in transitions.py, what it is made of in data/, what goes wrong on demand in faults.py. inside/
is what a machine within one of its VPCs sees.
"""

from dashlink_sandbox.process import Options, Running, Sandbox

__all__ = ["Options", "Running", "Sandbox"]
