"""Tells the engine of a resource that was made or changed in part: it keeps what was done, and goes on next time.

Pulumi's provider protocol has that answer (ErrorResourceInitFailed); its SDK for dynamic providers has no way to give
it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2
from pulumi.runtime.rpc import serialize_properties

from ...errors import WriteError
from .engine_call import engine_call

UNFINISHED = "unfinished"
"""The output that says so, and makes the next update end it."""
_PROVIDER = "__provider"
_DETAILS = "grpc-status-details-bin"


class UnfinishedError(WriteError):
    """Something was made, but is not as it should be.

    Attributes:
        outs: the outputs to record of it, so that it is mended or deleted next time.
    """

    def __init__(self, text: str, outs: Mapping[str, Any]) -> None:
        """Keep the outputs beside the text."""
        super().__init__(text)
        self.outs = {UNFINISHED: True, "message": text, **outs}


@contextmanager
def recording_unfinished(
    id_: str,
    inputs: Mapping[str, Any],
    said: str,
    stored: Callable[[dict[str, Any]], Mapping[str, Any]] = dict,
) -> Iterator[None]:
    """Have the engine record what was done where an UnfinishedError ends the call; see `keep_unfinished`.

    Args:
        id_: id of the resource.
        inputs: its inputs.
        said: what the error of the call says in place of the reason, which the engine tells by itself.
        stored: what makes of the outputs what the state holds of them.

    Raises:
        WriteError: it was recorded.
        UnfinishedError: it was not, as no call of the engine is being answered.
    """
    try:
        yield
    except UnfinishedError as error:
        if not keep_unfinished(id_, inputs, stored(error.outs), [str(error)]):
            raise
        raise WriteError(said) from None


def keep_unfinished(id_: str, inputs: Mapping[str, Any], outs: Mapping[str, Any], reasons: Sequence[str]) -> bool:
    """Have the engine record what was done, although the call that runs ends with an error.

    Args:
        id_: id of the resource.
        inputs: its inputs, of which Pulumi's SDK adds the provider to the outputs of every other answer.
        outs: its outputs as they are now.
        reasons: why it is not finished, each one line.

    Returns:
        False where no call of the engine is being answered, so that nothing is recorded.
    """
    call = engine_call()
    if call is None:
        return False
    loop = asyncio.new_event_loop()
    try:
        told = {**outs, **{key: inputs[key] for key in (_PROVIDER,) if key in inputs}}
        properties = loop.run_until_complete(serialize_properties(told, {}))
    finally:
        loop.close()
    failed = provider_pb2.ErrorResourceInitFailed(id=id_, properties=properties, reasons=reasons)
    detail = any_pb2.Any(type_url="type.googleapis.com/pulumirpc.ErrorResourceInitFailed")
    detail.value = failed.SerializeToString()
    # The code is that with which Pulumi's SDK answers every exception: details of another one would not count.
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message="; ".join(reasons), details=[detail])
    call.context.set_trailing_metadata(((_DETAILS, status.SerializeToString()),))
    return True
