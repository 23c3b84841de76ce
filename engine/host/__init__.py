"""The language host for Python programs on machines without Pulumi's release: its executable and its `server`."""
