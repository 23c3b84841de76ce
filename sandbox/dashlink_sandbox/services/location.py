"""Location: the host of a product's API. Every product has the host of the request."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, Service


def describe_endpoints(call: Call) -> Answer:
    """DescribeEndpoints."""
    service = call.params.required("ServiceCode")
    endpoint = {
        "Endpoint": call.host,
        "Id": call.params.required("Id"),
        "Namespace": "26842",
        "Protocols": {"Protocols": ["HTTP", "HTTPS"]},
        "SerivceCode": service,  # the cloud's own spelling
        "ServiceCode": service,
        "Type": "openAPI",
    }
    return {"Endpoints": {"Endpoint": [endpoint]}, "Success": True}


SERVICE = Service("Location", "2015-06-12", {"DescribeEndpoints": describe_endpoints})
