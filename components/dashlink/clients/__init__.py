"""What clients use: a stack's outputs, the files rendered from them, and connection tests."""
