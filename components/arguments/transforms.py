"""What `transforms` make of our resources' options: the engine has this process apply them, after the program's own.

An error in a transform would be Pulumi's traceback. So what is refused is left as it was, and the program fails.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from google.protobuf.message import Message
from pulumi.runtime import _callbacks
from pulumi.runtime.proto.resource_pb2 import TransformRequest, TransformResponse

from ..errors import SpecError
from . import unheard
from .invalid import refuse_left_behind


def _watch(register: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(register)
    def watched(servicer: Any, transform: Callable[..., Any]) -> Any:
        known = transform in servicer._transforms  # noqa: SLF001 - it has no public name
        callback = register(servicer, transform)
        if not known:
            call = servicer._callbacks[callback.token]  # noqa: SLF001
            servicer._callbacks[callback.token] = _checked(call, servicer._monitor)  # noqa: SLF001
        return callback

    watched.checks_what_transforms_make = True  # type: ignore[attr-defined]
    return watched


def _checked(call: Callable[[bytes], Awaitable[Message]], monitor: Any) -> Callable[[bytes], Awaitable[Message]]:
    async def checked(sent: bytes) -> Message:
        response = await call(sent)
        if isinstance(response, TransformResponse) and response.HasField("options"):
            _check(TransformRequest.FromString(sent), response, monitor)
        return response

    return checked


def _check(request: TransformRequest, response: TransformResponse, monitor: Any) -> None:
    made, before = response.options, request.options
    if not (other := made.deleted_with):
        return
    of_parent = other == before.deleted_with  # which the engine has given it already, after a transform of the parent
    try:
        refuse_left_behind(request.type, request.name, _kind(other), other.rpartition("::")[2], of_parent=of_parent)
    except SpecError as error:
        made.deleted_with = ""
        unheard.note(f"{error} (a transform names it)", monitor)


def _kind(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


_register = _callbacks._CallbackServicer.register_transform  # noqa: SLF001 - as above
if not hasattr(_register, "checks_what_transforms_make"):
    _callbacks._CallbackServicer.register_transform = _watch(_register)  # type: ignore[method-assign]  # noqa: SLF001
