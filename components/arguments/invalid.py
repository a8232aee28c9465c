"""What is wrong with a program's arguments, said so that Pulumi shows one line and no traceback."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import pulumi

from ..errors import NO_IMPORT, SpecError

P = ParamSpec("P")
R = TypeVar("R")


class InvalidArgumentsError(SpecError, pulumi.RunError):
    """An argument of a component is wrong. Pulumi shows the text alone, without a traceback."""


def plainly(function: Callable[P, R], where: str = "") -> Callable[P, R]:
    """Have a function raise its SpecErrors so that Pulumi shows the text alone.

    Args:
        function: the function.
        where: what its errors begin with, if anything.
    """

    @wraps(function)
    def wrapped(*args: P.args, **named: P.kwargs) -> R:
        try:
            return function(*args, **named)
        except InvalidArgumentsError:
            raise
        except SpecError as error:
            raise InvalidArgumentsError(f"{where}: {error}" if where else str(error)) from None

    return wrapped


def refuse_import(where: str, opts: pulumi.ResourceOptions | None) -> None:
    """Refuse Pulumi's option `import_`, which has no effect on a component and cannot work for what is in it.

    Raises:
        SpecError: it is given.
    """
    if opts is not None and opts.import_ is not None:
        raise SpecError(f"{where}: opts.import_: {NO_IMPORT}")
