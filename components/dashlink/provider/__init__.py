"""`pulumi-resource-dashlink`: the provider of the resources that the alicloud provider lacks."""


def main() -> int:
    """Serve the engine that started this process; the console script of the wheel."""
    from dashlink.provider.process import serve  # noqa: PLC0415 - grpc is for the plugin alone

    return serve()
