"""A parsed template: what is wrong with it by itself is known before any value is read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from .certain import SurelyFailsError, check
from .expressions import Expressions
from .go_values import string_map
from .lexer import Source
from .limits import Work
from .parser import Parser
from .renderer import Renderer
from .runes import decode, utf8
from .syntax_tree import Statement
from .template_errors import CONFIDENTIAL, FunctionError, TemplateRenderError
from .yaml_read import read_entries


@dataclass(frozen=True, slots=True)
class Template:
    """A template that can be rendered any number of times.

    Attributes:
        where: what the user calls the place that it stands in.
        varying: the functions in it whose result is another one each time, such as `now`, `uuidv4` or `bcrypt`.
    """

    where: str
    varying: frozenset[str]
    _source: Source = field(repr=False, compare=False)
    _statements: tuple[Statement, ...] = field(repr=False)

    @property
    def deterministic(self) -> bool:
        """Whether the same values always give the same result; else every apply would write the Secret again."""
        return not self.varying

    def check(self, keys: Collection[str], *, all_there: bool = True) -> None:
        """Find what surely fails, whatever the values are; see certain.py.

        Args:
            keys: the keys that `.` can have.
            all_there: each of them is surely there.

        Raises:
            TemplateSyntaxError: a key is used that is never there, or a field of a string; the text names the place and
                says what to write.
        """
        try:
            check(self._statements, keys, all_there=all_there)
        except SurelyFailsError as error:
            hidden = f"it uses a key that is never there, or a field of a string {CONFIDENTIAL}"
            raise self._source.error(error.node.at, hidden if self._source.confidential else error.reason) from None

    def render(self, data: Mapping[str, bytes], work: Work | None = None) -> bytes:
        """Render the template.

        Args:
            data: secret key -> value; what `.` is in the template (ESO: the provider's data, not the Secret's).
            work: what has been done so far, where several renderings share one limit; None for one of its own.

        Raises:
            TemplateRenderError: a key is missing, a function cannot give a result, or the result does not fit into a
                Secret. The text names the place and the reason and never holds a value.
        """
        from .functions import FUNCTIONS, TIME_METHODS  # noqa: PLC0415  see `parse`

        values = string_map(data)
        expressions = Expressions(self._source, FUNCTIONS, TIME_METHODS, values, work or Work())
        try:
            return Renderer(expressions).render(self._statements, values)
        except TemplateRenderError:
            raise
        except Exception as error:  # noqa: BLE001 - the text of any other error could quote a value
            raise TemplateRenderError(
                f"template {self.where}: {type(error).__name__} inside of the template engine; please report it"
            ) from None


def entries(rendered: bytes, where: str) -> dict[str, bytes]:
    """The keys and values in a rendered template (ESO: `templateAs: KeysAndValues`, and `literal`).

    Args:
        rendered: what a template has rendered: YAML, a map whose values are strings, numbers, booleans or null.
        where: what to call it in errors.

    Raises:
        TemplateRenderError: it is something else; the text never holds a value.
    """
    try:
        return read_entries(rendered)
    except FunctionError as error:
        raise TemplateRenderError(f"template {where}: {error}") from None


def parse(text: str | bytes, where: str, *, confidential: bool = False) -> Template:
    """Parse a template.

    Args:
        text: the template; bytes where it was read from the cluster.
        where: what to call it in errors, such as `target.template.data["url"]`.
        confidential: the text comes out of a Secret, so errors name places in it and quote nothing of it.

    Raises:
        TemplateSyntaxError: the syntax is wrong, something is not supported, or a function does not exist; the text
            names the place (line and column, from 1) and the function.
    """
    source = Source(decode(text if isinstance(text, bytes) else utf8(text)), where, confidential=confidential)
    from .functions import FUNCTIONS, REFUSED  # noqa: PLC0415  they take 40 ms, and most Secrets have no template

    parser = Parser(source, FUNCTIONS, REFUSED)
    statements = parser.parse()
    varying = frozenset(name for name in parser.called if FUNCTIONS[name].varies)
    return Template(where, varying, source, statements)
