"""Pictures of a stack: what it has, lane by lane, as a Mermaid flowchart or as an SVG. Pure: a model in, text out."""
