"""What can go wrong with a template; the texts name place, function and field, and never hold a value."""

from ...errors import ExtractError, SpecError

CONFIDENTIAL = "(not shown, it stands in a Secret)"
"""Stands in an error in place of a word of a template text that comes out of a Secret."""
_SHOWN = 60


def shown(name: str) -> str:
    """A name of the template as it stands in an error text: quoted, and cut where it is very long."""
    printable = name if len(name) <= _SHOWN else name[:_SHOWN] + "..."
    return ascii(printable) if "\udc80" <= max(printable, default="") <= "\udcff" else repr(printable)


def shown_quoted(name: str) -> str:
    """A name as a template writes it as a string, in double quotes; cut where it is very long."""
    return f'"{shown(name)[1:-1]}"'


class TemplateSyntaxError(SpecError):
    """The template cannot be used: its syntax is wrong, or it calls a function that does not exist here."""


class TemplateRenderError(ExtractError):
    """The template could not be rendered with the values that were read."""


class FunctionError(Exception):
    """A function cannot give a result; its text is the reason, without place and without any value.

    The caller of a function knows the place and turns it into one of the library's own errors; users never see it.
    """


class LimitError(FunctionError):
    """A function would need more than is allowed here, where Go would give a result.

    A function that takes a failure for an answer, such as fromJson, lets this one pass.
    """
