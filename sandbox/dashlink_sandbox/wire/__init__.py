"""The Alibaba Cloud OpenAPI on the wire: parameters, signatures, errors."""
