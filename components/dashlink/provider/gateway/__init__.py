"""The handlers of AI gateway resources."""
