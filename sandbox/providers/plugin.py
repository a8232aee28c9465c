"""The process around a provider: serves gRPC on a free port, prints it, ends when the engine ends it or is gone."""

import os
import signal
import threading
from concurrent import futures

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from .provider import Provider
from .servicer import ProviderServicer

_THREADS = 32
_MESSAGE_BYTES = 400 * 1024 * 1024  # what the engine allows
_PARENT_POLL_SECONDS = 0.5
_GRACE_SECONDS = 30


def serve(provider: Provider) -> None:
    """Serve until SIGINT, SIGTERM, or the death of the process that started this one.

    The Pulumi CLI sends Cancel, more than once where an operation fails, and then SIGINT to this process alone. To
    the CLI a plugin that does not answer a Cancel has broken down, so that Cancel itself ends nothing.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=_THREADS),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(ProviderServicer(provider), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    parent = os.getppid()  # before it knows the port, as it may end at once
    print(port, flush=True)
    while not stop.wait(_PARENT_POLL_SECONDS) and os.getppid() == parent:
        pass
    server.stop(_GRACE_SECONDS).wait()
