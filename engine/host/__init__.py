"""The language host for Python on machines without Pulumi's release: executable and `server`."""
