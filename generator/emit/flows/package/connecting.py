"""The module connections of the provider package, word for word."""

TEXT = r'''"""Connections by the name of an environment variable: read where the work is done, so that no secret is in a pipeline's graph."""

import json
import os
from typing import Any


def setting(name: str) -> str:
    """The value of a variable; LookupError names the one that is missing."""
    try:
        return os.environ[name]
    except KeyError:
        raise LookupError(f"the environment has no {name}") from None


def broker(addresses: str, connection: str) -> dict[str, Any]:
    """Settings of a Kafka client: the addresses, and what the secret adds, as JSON (security.protocol, sasl.username, …)."""
    return {"bootstrap.servers": setting(addresses), **json.loads(os.environ.get(connection) or "{}")}
'''
