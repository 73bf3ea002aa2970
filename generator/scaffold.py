"""What `interlock init` writes: a small contract that generates clean and shows the language."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from string import Template

from generator.model import SLUG

LANGUAGE_SCHEMA = Path(__file__).parent / "schema" / "contract.schema.json"
"""Copied beside the systems, so that editors of a team find it whatever is installed on the machine."""

SYSTEM = Template("""\
# yaml-language-server: $$schema=../contract.schema.json
interlock: 1
system:
  name: $name
  title: $title
  summary: Say in a sentence what the system is for.
  owner: team-platform
  license: Apache-2.0
  broker: {kind: kafka, version: "3.9", why: "say why this broker"}
owners:
  team-platform: {title: Platform team, email: platform@example.com}
environments:
  staging: {host: staging-api.example.com}
  production: {host: api.example.com}
authentication:
  customer-token:
    kind: jwt
    issuer: https://login.example.com
    jwks: https://login.example.com/keys
    audiences: [orders]
    scopes: {orders:read: Read own orders, orders:write: Place and cancel own orders}
defaults:
  call: {timeout: 2s, retry: {attempts: 1}, breaker: {failures: 5, open: 30s}}
  consume: {retry: {attempts: 5, initial: 1s}, dead_letter: true, idempotent_by: messageId}
""")

PROVIDER = Template("""\
# yaml-language-server: $$schema=../contract.schema.json
component: ordering
title: Orders
summary: Takes orders and answers for them.
types:
  Order:
    type: object
    required: [orderId, status, placedAt]
    properties:
      orderId: {type: string, format: uuid}
      status: {type: string, enum: [placed, paid, shipped, cancelled]}
      placedAt: {type: string, format: date-time}
      note: {type: string, maxLength: 500}
examples:
  first-order:
    type: Order
    value: {orderId: 0b0e7a4e-8f3c-4d5b-9a55-0c8e5f0f6a11, status: placed, placedAt: "2026-01-31T09:30:00Z"}
errors:
  OrderNotFound: {status: 404, title: There is no such order}
provides:
  orders:
    version: "1.0.0"
    title: Orders
    summary: Place orders and follow them.
    visibility: public
    auth: customer-token
    http: {base: /api/v1/orders}
    grpc: {}
    operations:
      getOrder: {summary: Get an order, http: "GET /{orderId}", response: Order, errors: [OrderNotFound], scopes: [orders:read]}
      placeOrder:
        summary: Place an order
        http: {method: POST, path: /, status: 201}
        idempotency: key
        request: {type: object, required: [lines], properties: {lines: {type: array, minItems: 1, items: {type: string}}}}
        response: Order
        scopes: [orders:write]
  health:
    version: "1.0.0"
    title: Health
    summary: What the platform asks.
    auth: none
    http: {base: /}
    operations:
      checkReadiness: {summary: Whether requests may be sent, http: GET /ready}
rate_limits:
  customer: {rate: 10/s, burst: 20, by: "claim:sub"}
publishes:
  OrderPlaced: {version: "1.0.0", summary: An order was placed., payload: Order, key: orderId, retention: 7d, partitions: 6}
runtime:
  image: "registry.example.com/ordering:1.0.0"
  replicas: {min: 2, max: 6}
  requests: {cpu: 100m, memory: 128Mi}
  limits: {cpu: 500m, memory: 256Mi}
  scale_on: {cpu: 70%}
  probes: {readiness: /ready}
""")

CONSUMER = Template("""\
# yaml-language-server: $$schema=../contract.schema.json
component: shipping
title: Shipping
summary: Ships what was ordered.
consumes:
  - {event: ordering.OrderPlaced, why: each placed order is packed, reads: [orderId]}
uses:
  - api: ordering.orders
    over: grpc
    operations: [getOrder]
    why: asks what to pack when an order is due
    fallback: {type: none}
runtime:
  image: "registry.example.com/shipping:1.0.0"
  replicas: 2
  requests: {cpu: 100m, memory: 128Mi}
  limits: {cpu: 500m, memory: 256Mi}
""")


def scaffold(name: str, folder: Path) -> str | None:
    """Writes the contract; or says why not, and writes nothing."""
    if not re.search(SLUG.regex, name):
        return f"{name!r} is not {SLUG.what}, such as {SLUG.example}"
    if folder.exists():
        return f"{folder.as_posix()} is there already"
    title = " ".join(word.capitalize() for word in name.split("-"))
    folder.mkdir(parents=True)
    for file, template in (("system.yaml", SYSTEM), ("ordering.yaml", PROVIDER), ("shipping.yaml", CONSUMER)):
        (folder / file).write_text(template.substitute(name=name, title=title), encoding="utf-8")
    shutil.copyfile(LANGUAGE_SCHEMA, folder.parent / LANGUAGE_SCHEMA.name)
    return None
