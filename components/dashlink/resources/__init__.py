"""The resources of dashlink's own provider: the contract between programs and the plugin."""
