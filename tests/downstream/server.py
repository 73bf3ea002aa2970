"""A gRPC server made of the generated servicers: it answers every method and tells in the trailers what it was asked and answered."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from contract_stubs import ANSWERED, ASKED, OPTIONS, Service, example, said, services
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message


def main() -> None:
    """Prints its port and serves until standard input ends."""
    server = grpc.server(ThreadPoolExecutor(4), options=OPTIONS)
    for service in services(Path(sys.argv[1])):
        add(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.start()
    sys.stdin.read()
    server.stop(None).wait()


def add(service: Service, server: grpc.Server) -> None:
    name = service.descriptor.name
    methods = {method.name: answer(method) for method in service.descriptor.methods}
    servicer = type("Answers", (getattr(service.grpc, f"{name}Servicer"),), methods)
    getattr(service.grpc, f"add_{name}Servicer_to_server")(servicer(), server)


def answer(method: MethodDescriptor) -> Callable[[Any, Message | Iterator[Message], grpc.ServicerContext], Message | Iterator[Message]]:
    def handle(_: Any, request: Message | Iterator[Message], context: grpc.ServicerContext) -> Message | Iterator[Message]:
        asked = [request] if isinstance(request, Message) else list(request)
        answered = [example(method.output_type)] * (2 if method.server_streaming else 1)
        context.set_trailing_metadata(((ASKED, said(asked)), (ANSWERED, said(answered))))
        return iter(answered) if method.server_streaming else answered[0]

    return handle


if __name__ == "__main__":
    main()
