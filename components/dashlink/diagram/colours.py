"""Colours of a drawing: dark text on light boxes, readable on a projector and on dark pages."""

from __future__ import annotations

TEXT = "#111111"
FILLS = {
    "client": ("#dbe7f7", "#3b6ea8"),
    "domain": ("#fbecc0", "#a87f12"),
    "api": ("#d9f0df", "#2f7d46"),
    "service": ("#ecdcf5", "#7b4a9e"),
    "endpoint": ("#d5efed", "#1f7a74"),
    "gateway": ("#d5efed", "#1f7a74"),
    "upstream": ("#e9e9e9", "#666666"),
    "plain": ("#ffffff", "#666666"),
}
"""Fill and border of a box, by its kind."""
OPEN = ("#fbdcd8", "#c62828")
"""Fill and border of what requires no credential."""
RENAMED = "#1554a8"
"""An arrow whose service receives another model name."""
FALLBACK = "#b3541e"
"""An arrow that requests follow after a failure."""
MERMAID = {
    "fontSize": "18px",
    "textColor": "#777777",
    "titleColor": TEXT,
    "lineColor": "#666666",
    "edgeLabelBackground": "#ffffff",
    "clusterBkg": "#f6f8fa",
    "clusterBorder": "#9aa5b1",
}
"""What Mermaid draws besides boxes, on light and dark pages."""
