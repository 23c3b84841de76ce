"""The data plane of AI gateways: how a gateway of the control plane's records handles a request.

lookup.py          host, path and method -> the Model API and its route
authentication.py  the consumer, by key, signature or token, and its authorization
routing.py         model -> the service, its model, and the fallbacks after it
limits.py          limits by tokens, requests and concurrency
security.py        content security
cache.py           the exact and the semantic cache
health.py          health checks and outlier detection of services
upstreams.py       a service -> its address within the VPC and its path
connections.py     connections to services; health checks and embeddings over them
relay.py           one attempt: forward the request, stream the response back
handler.py         all of these for one request
server.py          the gateways' sockets
"""

from __future__ import annotations

from dashlink_sandbox.inside.gateway.server import Gateways

__all__ = ["Gateways"]
