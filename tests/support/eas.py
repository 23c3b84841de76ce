"""Model services of PAI-EAS in tests: inputs of the resource, and records of the sandbox."""

from __future__ import annotations

import json
from contextlib import contextmanager

SERVICE = "EasService$dashlink:eas:EasService"
ADDRESSES = "EasAddresses$dashlink:eas:EasAddresses"
TAGS = [{"key": "dashlink-project", "value": "shop"}, {"key": "dashlink-stack", "value": "dev"}]
CONFIG = {
    "metadata": {"instance": 1},
    "cloud": {"computing": {"instances": [{"type": "ecs.gn7i-c8g1.2xlarge"}]}},
    "containers": [{"image": "registry.example.com/vllm:1", "port": 8000}],
}


def inputs_of(name, config=CONFIG, **more):
    return {"name": name, "config": json.dumps(config), "tags": TAGS, **more}


def with_path(config, path, value):
    """A service JSON with a value at a dotted path."""
    copy = json.loads(json.dumps(config))
    *heads, last = path.split(".")
    inner = copy
    for head in heads:
        inner = inner.setdefault(head, {})
    inner[last] = value
    return copy


def row_of(cloud, name):
    (row,) = (row for row in cloud.state.eas_services.values() if row.name == name)
    return row


@contextmanager
def written(cloud, name):
    """Change a service's record, as somebody in the console does."""
    with cloud.cloud._lock:
        draft = cloud.cloud.draft()
        for row in draft.eas_services.values():
            if row.name == name:
                yield row
        cloud.cloud.replace(draft)
