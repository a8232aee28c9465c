"""The place in a template's tokens that the parser has reached."""

from .lexer import Kind, Source, Token, tokens


class Cursor:
    """Goes over the tokens of a template; blanks between them count only for `here`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._tokens = list(tokens(source))
        self._position = 0

    @property
    def here(self) -> Token:
        """The token that is next, be it a blank."""
        return self._tokens[self._position]

    def peek(self) -> Token:
        """The next token that is no blank."""
        return self._tokens[self._solid(self._position)]

    def peek_second(self) -> Token:
        """The one after that."""
        return self._tokens[self._solid(self._after(self._position))]

    def take(self) -> Token:
        """The next token that is no blank, which is behind the cursor then."""
        token = self.peek()
        self._position = self._after(self._position)
        return token

    def skip_blanks(self) -> None:
        """Go to the next token that is no blank."""
        self._position = self._solid(self._position)

    def take_right(self, keyword: Token) -> None:
        """Take the right delimiter that has to follow a keyword, or raise TemplateSyntaxError."""
        token = self.take()
        if token.kind is not Kind.RIGHT:
            raise self._source.error(token.at, f"nothing can stand behind '{keyword.text}'")

    def _solid(self, position: int) -> int:
        while self._tokens[position].kind is Kind.SPACE:
            position += 1
        return position

    def _after(self, position: int) -> int:
        """Behind the next token that is no blank; the last token stays the next one."""
        return min(self._solid(position) + 1, len(self._tokens) - 1)
