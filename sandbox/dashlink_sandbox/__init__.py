"""A loopback Alibaba Cloud for the Pulumi engine, the alicloud provider and the official SDKs.

The path of a request: listener.py (HTTP or TLS, by the first byte) -> server.py (HTTP) -> wire/
(parameters, signature) -> cloud.py (identity, client token, draft) -> services/<product>/ (rules,
records) -> state.py, stored in a file. Background transitions of the cloud are in transitions.py,
its reference data in data/ (read by catalog.py), injected faults in faults.py. inside/ is the view
of a machine within one of its VPCs.
"""

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.process import Options, Running, Sandbox

__all__ = ["Dialect", "Options", "Running", "Sandbox"]
