"""The data plane of AI gateways: what a declared gateway does with a request, by the control plane's records alone.

find.py       host, path and method -> the Model API and its route
callers.py    who calls: consumer by key, signature or token; whether it may
routing.py    model -> the service, its model, and the fallbacks after it
policies.py   token limits, content security, cache
upstreams.py  a service -> where it is from within the VPC, and under which path
relay.py      one attempt: send on, stream back
server.py     all of it for one request; the gateways' sockets
"""

from __future__ import annotations

from dashlink_sandbox.inside.gateway.server import Gateways

__all__ = ["Gateways"]
