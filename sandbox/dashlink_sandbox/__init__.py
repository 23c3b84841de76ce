"""A loopback Alibaba Cloud: what the real Pulumi engine, the real provider and the official SDKs talk to."""
