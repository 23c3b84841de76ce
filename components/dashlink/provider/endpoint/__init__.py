"""The handlers of endpoint resources."""
