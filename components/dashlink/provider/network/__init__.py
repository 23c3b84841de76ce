"""The handlers of network resources."""
