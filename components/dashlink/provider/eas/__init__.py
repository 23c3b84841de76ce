"""Handlers of the resources of PAI-EAS."""
