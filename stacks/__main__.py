"""The project's program: read the stack's settings, build the private access, export what it promises."""
