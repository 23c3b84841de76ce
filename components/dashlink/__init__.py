"""Private access from a VPC to model services, as Pulumi components.

The public names are those that `__init__.pyi` imports. Each is loaded on first use, so that
commands without Pulumi, such as `dashlink render`, start fast.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]
