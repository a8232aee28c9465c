"""The variables of one rendering, in the order in which they were declared; Go's text/template keeps them so."""

from collections.abc import Callable
from typing import NamedTuple

from .go_values import Value
from .template_errors import FunctionError


class Bound(NamedTuple):
    """A variable; `is_element` where a range has taken the value out of a list or a map."""

    name: str
    value: Value
    is_element: bool = False

    def __repr__(self) -> str:
        return f"Bound({self.name})"


class Variables:
    """The variables that there are; `data` is the value of `$`."""

    def __init__(self, data: Value, quoted: Callable[[str], str]) -> None:
        self._quoted = quoted
        self._bound = [Bound("$", data)]

    def __len__(self) -> int:
        return len(self._bound)

    def find(self, name: str) -> Bound:
        """The innermost variable of a name; raises FunctionError where there is none."""
        return self._bound[self._position(name)]

    def declare(self, name: str, value: Value) -> None:
        """Add a variable."""
        self._bound.append(Bound(name, value))

    def assign(self, name: str, value: Value, *, is_element: bool = False) -> None:
        """Change the innermost variable of a name; raises FunctionError where there is none."""
        self._bound[self._position(name)] = Bound(name, value, is_element)

    def give_element(self, back: int, value: Value) -> None:
        """Give a variable that a range has declared its value for one round; `back` is 1 for the newest."""
        self._bound[-back] = Bound(self._bound[-back].name, value, is_element=True)

    def forget(self, kept: int) -> None:
        """Forget all but so many of the oldest variables."""
        del self._bound[kept:]

    def _position(self, name: str) -> int:
        for position in range(len(self._bound) - 1, -1, -1):
            if self._bound[position].name == name:
                return position
        raise FunctionError(f"there is no variable {self._quoted(name)}")
