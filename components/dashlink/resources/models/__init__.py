"""Models of the resources, which need no pulumi: settings, programs and the plugin use them."""
