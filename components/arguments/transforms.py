"""What `transforms` make of our resources' options: the engine has this process apply them, after the program's own.

An error in a transform would be Pulumi's traceback. So what is refused is left as it was, and the program fails.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from google.protobuf.message import Message
from pulumi.runtime import _callbacks
from pulumi.runtime.proto.resource_pb2 import TransformRequest, TransformResponse

from ..errors import SpecError
from . import unheard
from .invalid import refuse_left_behind

_deleted_with: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()
"""The monitor of a program -> URN of a resource -> URN of what a transform has it deleted with; children inherit it."""


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
    inherited = _deleted_with.setdefault(monitor, {})
    of_parent = not made.deleted_with and request.parent in inherited
    other = inherited[request.parent] if of_parent else made.deleted_with
    if other == before.deleted_with:  # as the program has it, which is checked there
        return
    inherited[_urn(request)] = other
    try:
        refuse_left_behind(request.type, request.name, _kind(other), other.rpartition("::")[2], of_parent=of_parent)
    except SpecError as error:
        made.deleted_with = before.deleted_with
        unheard.note(f"{error} (a transform names it)", monitor)


def _urn(request: TransformRequest) -> str:
    """The URN that the engine gives a resource."""
    stack, project, kind = request.parent.split("::")[:3]
    below = "" if kind.endswith("pulumi:pulumi:Stack") else f"{kind}$"
    return "::".join((stack, project, f"{below}{request.type}", request.name))


def _kind(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


_register = _callbacks._CallbackServicer.register_transform  # noqa: SLF001 - as above
if not hasattr(_register, "checks_what_transforms_make"):
    _callbacks._CallbackServicer.register_transform = _watch(_register)  # type: ignore[method-assign]  # noqa: SLF001
