"""Calls to the cloud: one resolver of credentials and API hosts, clients, retries."""
