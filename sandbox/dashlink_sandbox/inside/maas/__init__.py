"""Huawei ModelArts MaaS, a service on the internet, as a VPC with a way out reaches it.

hosts.py       the hosts, their addresses and regions
models.py      the models, by models.toml and by the admin calls
refusal.py     the errors: code, status, text, and the three bodies
keys.py        the key of a request: its region and its lists
parameters.py  ranges of the parameters, and rules between them
moderation.py  which texts are refused
limits.py      requests and tokens a minute
chat.py        a chat request: checked, answered whole or streamed
others.py      models, completions, embeddings, rerank
server.py      paths and sockets

What a model answers is that of the sandbox's own model server (models/catalog.py).
"""
