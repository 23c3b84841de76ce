"""What clients get: the outputs of a stack, and the files that are rendered from them."""
