"""One call to a provider: what gRPC says when it fails, in the engine's errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
import grpc.aio
from pulumi.runtime.proto import provider_pb2, status_pb2

from sandbox.engine.errors import PartialFailureError, ProviderError
from sandbox.engine.values import PropertyMap

_Response = TypeVar("_Response")


async def answer_of(call: Awaitable[_Response]) -> _Response:
    """Wait for the answer.

    Raises:
        ProviderError: The provider refused, or its process has ended.
    """
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise _error(error) from None


async def answer_if_implemented(call: Awaitable[_Response]) -> _Response | None:
    """Wait for the answer; nothing from a provider that does not know this call.

    Raises:
        ProviderError: The provider refused, or its process has ended.
    """
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.UNIMPLEMENTED:
            return None
        raise _error(error) from None


async def answer_to_change(call: Awaitable[_Response], receive: Callable[[Any], PropertyMap]) -> _Response:
    """Wait for the answer to a create or update, which may have been done in part.

    Args:
        call: The call.
        receive: Reads the outputs of a resource that was not finished.

    Raises:
        PartialFailureError: The resource is there, unfinished.
        ProviderError: The provider refused, or its process has ended.
    """
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise _unfinished(error, receive) or _error(error) from None


def _unfinished(error: grpc.aio.AioRpcError, receive: Callable[[Any], PropertyMap]) -> PartialFailureError | None:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            for detail in status_pb2.Status.FromString(value).details:
                if detail.type_url.endswith("pulumirpc.ErrorResourceInitFailed"):
                    failed = provider_pb2.ErrorResourceInitFailed.FromString(detail.value)
                    reasons = list(failed.reasons)
                    message = "\n".join((_text(error), *(f"* {reason}" for reason in reasons)))
                    return PartialFailureError(message, failed.id, receive(failed.properties), reasons)
    return None


def _error(error: grpc.aio.AioRpcError) -> ProviderError:
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return ProviderError(
            "the provider process has ended during the call; what it was doing may or may not have happened"
        )
    return ProviderError(_text(error))


def _text(error: grpc.aio.AioRpcError) -> str:
    return (error.details() or error.code().name).strip()
