"""What is wrong with a text."""


class YamlError(Exception):
    """A text cannot be read. Its problem quotes nothing of the text but single characters and, on request, keys."""

    def __init__(self, problem: str, line: int | None = None, column: int | None = None) -> None:
        """Create the error: what is wrong, and where, from 1; None when it is about the whole text."""
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column


class ProblemError(Exception):
    """Something is wrong at an index of a text; who knows the whole text turns it into a YamlError."""

    def __init__(self, problem: str, index: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.index = index


class LostError(ProblemError):
    """Go takes the text, but loses or changes a part of it without a word."""


def placed(error: ProblemError, text: str) -> YamlError:
    """The error with line and column."""
    before = text[: error.index].replace("\r\n", "\n").replace("\r", "\n")
    return YamlError(error.problem, before.count("\n") + 1, len(before) - before.rfind("\n"))
