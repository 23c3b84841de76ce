"""Requests to the cloud: credentials, API hosts, a JSON client for each product, retries."""
