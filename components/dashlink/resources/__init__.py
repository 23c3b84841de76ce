"""The resources of dashlink's own provider: the contract between the programs that declare them and the plugin."""
