"""`pulumi-resource-dashlink`: the provider of the resources that the alicloud provider lacks."""

import gc


def main() -> int:
    """Serve the engine that started this process; the console script of the wheel."""
    # Everything that imports create stays: collections while they run only delay the start.
    gc.disable()
    from dashlink.provider.process import serve  # noqa: PLC0415 - grpc is for the plugin alone

    gc.freeze()
    gc.enable()
    return serve()
