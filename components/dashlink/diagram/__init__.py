"""Diagrams of a stack as Mermaid or DOT text. Pure: settings in, text out."""
