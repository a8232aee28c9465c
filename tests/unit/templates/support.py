"""What the tests of templates share."""

from collections.abc import Mapping

from components.golang.templates import parse

WHERE = 'target.template.data["url"]'


def render(template: str | bytes, data: Mapping[str, bytes] | None = None) -> str:
    """The result of a template as text."""
    return parse(template, WHERE).render(data or {}).decode()
