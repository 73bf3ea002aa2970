"""Redocly CLI and the AsyncAPI parser accept a good file and refuse a broken one, with the place and their own words."""

from __future__ import annotations

import socket
from pathlib import Path, PurePosixPath

import pytest

from generator.artifact import Prover
from generator.diagnostics import Diagnostic
from generator.prove import asyncapi_parser, redocly

OPENAPI = """\
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
servers:
  - url: https://api.example.com/orders
security:
  - jwt: []
paths:
  /{orderId}:
    get:
      operationId: getOrder
      summary: One order
      parameters:
        - {name: orderId, in: path, required: true, schema: {type: string}}
      responses:
        "200": {description: The order.}
        "404": {description: There is no such order.}
components:
  securitySchemes:
    jwt: {type: http, scheme: bearer}
"""

ASYNCAPI = """\
asyncapi: 3.0.0
info: {title: Orders, version: 1.0.0}
servers:
  production:
    host: kafka.example.com:9093
    protocol: kafka-secure
    security:
      - $ref: "#/components/securitySchemes/sasl"
channels:
  orderPlaced:
    address: order-placed
    messages:
      OrderPlaced:
        payload: {type: object}
operations:
  publishOrderPlaced:
    action: send
    channel: {$ref: "#/channels/orderPlaced"}
    messages:
      - $ref: "#/channels/orderPlaced/messages/OrderPlaced"
components:
  securitySchemes:
    sasl: {type: scramSha256}
"""


@pytest.mark.parametrize("prover", [redocly, asyncapi_parser], ids=lambda prover: prover.TOOL)
def test_is_installed_as_pinned(prover: Prover) -> None:
    assert prover.available() is not None, "make tools"


@pytest.mark.parametrize(
    ("prover", "text"),
    [(redocly, OPENAPI), (redocly, ASYNCAPI), (asyncapi_parser, ASYNCAPI)],
    ids=["redocly-openapi", "redocly-asyncapi", "asyncapi-parser"],
)
def test_accepts_a_good_file(prover: Prover, text: str, tmp_path: Path) -> None:
    assert findings(prover, tmp_path, good=text) == []


def test_redocly_refuses_an_invalid_file(tmp_path: Path) -> None:
    [found] = findings(redocly, tmp_path, broken=OPENAPI.replace("summary: One order", "summary: 1"))
    assert found.code == "redocly/struct"
    assert (str(found.at), found.at.width) == ("broken.yaml:11:16", 1)
    assert found.message == "Expected type `string` but got `integer`."


def test_redocly_refuses_what_it_only_warns_of(tmp_path: Path) -> None:
    [found] = findings(redocly, tmp_path, broken=OPENAPI.replace('"404"', '"304"'))
    assert (found.code, found.at.line) == ("redocly/operation-4xx-response", 14)
    assert found.help == "https://redocly.com/docs/cli/rules/oas/operation-4xx-response"


def test_redocly_judges_every_file_of_a_run(tmp_path: Path) -> None:
    broken = ASYNCAPI.replace("action: send", "action: sendd")
    found = findings(redocly, tmp_path, first=broken, good=OPENAPI, last=broken)
    assert [each.at.file for each in found] == ["first.yaml", "last.yaml"]


def test_redocly_refuses_a_file_that_is_no_yaml(tmp_path: Path) -> None:
    [found] = findings(redocly, tmp_path, good=OPENAPI, broken="openapi: [3.1.0\n")
    assert (found.code, found.at.file) == ("redocly/unreadable", "broken.yaml")


def test_asyncapi_parser_refuses_a_broken_file(tmp_path: Path) -> None:
    [found] = findings(asyncapi_parser, tmp_path, good=ASYNCAPI, broken=ASYNCAPI.replace("action: send", "action: sendd"))
    assert found.code == "asyncapi-parser/asyncapi-document-resolved"
    assert (str(found.at), found.at.width) == ("broken.yaml:17:13", 5)
    assert "must be equal to one of the allowed values" in found.message


def test_asyncapi_parser_refuses_a_file_that_is_no_yaml(tmp_path: Path) -> None:
    found = findings(asyncapi_parser, tmp_path, broken="asyncapi: [3.0.0\n")
    assert {each.at.file for each in found} == {"broken.yaml"}


@pytest.mark.parametrize(
    ("prover", "text", "good"),
    [(redocly, OPENAPI, "{type: string}"), (asyncapi_parser, ASYNCAPI, "{type: object}")],
    ids=["redocly", "asyncapi-parser"],
)
def test_asks_no_other_host(prover: Prover, text: str, good: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/order.json"
        found = findings(prover, tmp_path, broken=text.replace(good, f'{{$ref: "{address}"}}'))
        with pytest.raises(BlockingIOError):
            server.accept()
    assert found != [], "a file that needs another is refused"


def findings(prover: Prover, folder: Path, **texts: str) -> list[Diagnostic]:
    """What the prover says of these texts, written below `folder` in the order given."""
    files = [PurePosixPath(f"{name}.yaml") for name in texts]
    for file, text in zip(files, texts.values(), strict=True):
        (folder / file).write_text(text, encoding="utf-8")
    return list(prover.prove(folder, files))
