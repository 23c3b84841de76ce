"""Records of Model Studio: workspaces, by the terms of its OpenAPI (2026-02-10)."""

from __future__ import annotations

from dashlink_sandbox.records import Fixed


class StudioWorkspace(Fixed):
    """A workspace. ``label`` is the first label of its hosts, which need not be its id."""

    workspace_id: str
    region: str
    name: str
    label: str
    service_site: str = ""

    @property
    def api_host(self) -> str:
        """The public host."""
        return f"{self.label}.{self.region}.maas.aliyuncs.com"
