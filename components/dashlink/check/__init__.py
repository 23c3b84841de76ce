"""Check a deployed stack: from outside by reading its account, from inside by connecting.

Each check is ok, failed with advice, or not checked with the reason. Nothing is changed, and no key
or token is sent.
"""
