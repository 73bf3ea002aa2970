"""A gRPC client made of the generated stubs: calls every method and compares what each side says that it sent and got."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import grpc
from contract_stubs import ANSWERED, ASKED, OPTIONS, example, heard, services
from google.protobuf.descriptor import MethodDescriptor

PATIENCE = 20


def main() -> None:
    """Prints each method that was called; ends with an assertion where the two sides differ."""
    with grpc.insecure_channel(f"127.0.0.1:{sys.argv[2]}", options=OPTIONS) as channel:
        for service in services(Path(sys.argv[1])):
            stub = getattr(service.grpc, f"{service.descriptor.name}Stub")(channel)
            for method in service.descriptor.methods:
                call(getattr(stub, method.name), method)
                sys.stdout.write(f"{service.descriptor.full_name}/{method.name}\n")


def call(stub: Any, method: MethodDescriptor) -> None:
    asked = [example(method.input_type)] * (2 if method.client_streaming else 1)
    request = iter(asked) if method.client_streaming else asked[0]
    if method.server_streaming:
        ended = stub(request, timeout=PATIENCE)
        answered = list(ended)
    else:
        response, ended = stub.with_call(request, timeout=PATIENCE)
        answered = [response]
    trailers = dict(ended.trailing_metadata())
    assert heard(trailers[ASKED], method.input_type) == asked, method.full_name
    assert heard(trailers[ANSWERED], method.output_type) == answered, method.full_name
    assert len(answered) == (2 if method.server_streaming else 1), method.full_name


if __name__ == "__main__":
    main()
