"""The data plane of AI gateways: how a gateway of the control plane's records handles a request.

lookup.py          host, path and method -> the Model API and its route
authentication.py  the consumer, by key, signature or token, and its authorization
routing.py         model -> the service, its model, and the fallbacks after it
policies.py        token limits, content security, cache
upstreams.py       a service -> its address within the VPC and its path
relay.py           one attempt: forward the request, stream the response back
handler.py         all of these for one request
server.py          the gateways' sockets
"""

from __future__ import annotations

from dashlink_sandbox.inside.gateway.server import Gateways

__all__ = ["Gateways"]
