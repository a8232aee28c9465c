"""Builds the nodes of a template from its tokens, with the grammar of Go's text/template."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from . import syntax_tree as tree
from .cursor import Cursor
from .known_elsewhere import in_place_of
from .lexer import RIGHT, Kind, Source, Token
from .limits import MAX_NESTING
from .runes import encode
from .unquote import character, number, unquote, unquote_raw

_UNSUPPORTED = frozenset({"block", "define", "template"})


class Parser:
    """Parses one template, which may call these functions; errors say why others, that people know, are refused."""

    def __init__(self, source: Source, functions: Collection[str], refused: Mapping[str, str]) -> None:
        self._source = source
        self._functions = functions
        self._refused = refused
        self._cursor = Cursor(source)
        self._variables = ["$"]
        self._loops = 0
        self._nesting = 0
        self.called: set[str] = set()
        """The functions that the template calls."""

    def parse(self) -> tuple[tree.Statement, ...]:
        """The statements of the template; raises TemplateSyntaxError with the place and what is wrong there."""
        statements, end = self._statements()
        if end.kind is not Kind.END:
            raise self._source.error(end.at, f"there is no block that this '{end.text}' belongs to")
        return statements

    def _statements(self) -> tuple[tuple[tree.Statement, ...], Token]:
        """Statements up to `end`, `else` or the end of the template, and that token."""
        found: list[tree.Statement] = []
        while True:
            token = self._cursor.take()
            if token.kind is Kind.END:
                return tuple(found), token
            if token.kind is Kind.TEXT:
                found.append(tree.Text(token.at, encode(token.text)))
                continue
            keyword = self._cursor.peek()
            if keyword.kind is not Kind.KEYWORD or keyword.text == "nil":
                found.append(tree.Action(token.at, self._pipeline(token)))
                continue
            self._cursor.take()
            if keyword.text in {"end", "else"}:
                return tuple(found), keyword
            found.append(self._control(keyword))

    def _control(self, keyword: Token) -> tree.Statement:
        if keyword.text in _UNSUPPORTED:
            raise self._source.error(keyword.at, f"'{keyword.text}' is not supported: write its content in place")
        if keyword.text in {"break", "continue"}:
            self._cursor.take_right(keyword)
            if not self._loops:
                raise self._source.error(keyword.at, f"'{keyword.text}' stands outside of a range")
            return tree.Break(keyword.at) if keyword.text == "break" else tree.Continue(keyword.at)
        known = len(self._variables)
        with self._deeper(keyword):
            block = self._block(keyword)
        del self._variables[known:]
        return block

    def _block(self, keyword: Token) -> tree.Block:
        """A block whose keyword has been taken, up to its `end`."""
        pipe = self._pipeline(keyword)
        is_loop = keyword.text == "range"
        self._loops += is_loop
        body, end = self._statements()
        self._loops -= is_loop
        otherwise: tuple[tree.Statement, ...] = ()
        if end.text == "else":
            following = self._cursor.peek()
            if following.kind is Kind.KEYWORD and following.text == keyword.text and not is_loop:
                # `else if` shares its `end` with the block that it belongs to.
                return tree.Block(keyword.at, keyword.text, pipe, body, (self._control(self._cursor.take()),))
            self._cursor.take_right(end)
            otherwise, end = self._statements()
            if end.text == "else":
                raise self._source.error(end.at, "the block has an 'else' already")
        if end.kind is Kind.END:
            raise self._source.error(keyword.at, f"this '{keyword.text}' has no 'end'")
        self._cursor.take_right(end)
        return tree.Block(keyword.at, keyword.text, pipe, body, otherwise)

    def _pipeline(self, start: Token) -> tree.Pipe:
        """A pipeline up to its delimiter or parenthesis, which is taken."""
        closing = ")" if start.text == "(" else RIGHT
        at = self._cursor.peek().at
        variables, assigns = self._declared(is_loop=start.text == "range" and start.kind is Kind.KEYWORD)
        commands: list[tuple[tree.Operand, ...]] = []
        while True:
            token = self._cursor.peek()
            if token.text == closing and token.kind in {Kind.RIGHT, Kind.PUNCTUATION}:
                self._cursor.take()
                break
            commands.append(self._command())
            if len(commands) > 1 and isinstance(commands[-1][0], tree.Constant | tree.Dot | tree.Nil | tree.Number):
                raise self._source.error(token.at, "only a function or a method can take the value before '|'")
        if not commands:
            raise self._source.error(at, "a value is missing here")
        return tree.Pipe(at, tuple(commands), variables, assigns)

    def _declared(self, *, is_loop: bool) -> tuple[tuple[str, ...], bool]:
        """The variables that a pipeline starts with, and whether they are assigned instead of declared."""
        variables: list[str] = []
        while True:
            token, after = self._cursor.peek(), self._cursor.peek_second()
            if token.kind is not Kind.VARIABLE or after.text not in {":=", "=", ","}:
                break
            if after.text == "," and (not is_loop or variables):
                raise self._source.error(after.at, "more variables than can be declared here")
            self._cursor.take()
            self._cursor.take()
            variables.append(token.text)
            self._variables.append(token.text)
            if after.text != ",":
                return tuple(variables), after.text == "="
        if variables and self._cursor.peek().kind not in {Kind.RIGHT, Kind.VARIABLE}:
            raise self._source.error(token.at, "a second variable is missing here")
        return tuple(variables), False

    def _command(self) -> tuple[tree.Operand, ...]:
        """Operands up to `|`, which is taken, or to the end of the pipeline, which is not."""
        operands: list[tree.Operand] = []
        while True:
            self._cursor.skip_blanks()
            operand = self._operand()
            if operand is not None:
                operands.append(operand)
            token = self._cursor.here
            if token.kind is Kind.SPACE:
                continue
            if token.text == "|":
                self._cursor.take()
            elif token.kind is not Kind.RIGHT and token.text != ")":
                raise self._source.error(token.at, f"{self._source.quoted(token.text)} cannot stand here")
            if not operands:
                raise self._source.error(token.at, "a command is missing here")
            return tuple(operands)

    def _operand(self) -> tree.Operand | None:
        token = self._cursor.peek()
        term = self._term(token)
        if term is None:
            return None
        names: list[str] = []
        while self._cursor.here.kind is Kind.FIELD:
            names.append(self._cursor.take().text[1:])
        match term:
            case _ if not names:
                return term
            case tree.Field():
                return tree.Field(term.at, (*term.names, *names))
            case tree.Variable():
                return tree.Variable(term.at, term.name, tuple(names))
            case tree.Call() | tree.Pipe():
                return tree.Chain(term.at, term, tuple(names))
        raise self._source.error(token.at, f"a field cannot follow {self._source.quoted(token.text)}")

    def _instead(self, name: str) -> str:
        """Why a function is not there, or what to write; what is near a name would tell of one that is not shown."""
        if name in self._refused:
            return f": {self._refused[name]}"
        return "" if self._source.confidential else in_place_of(name, self._functions)

    def _term(self, token: Token) -> tree.Operand | None:  # noqa: C901, PLR0911, PLR0912 - one case for each term
        """One term, which is taken; None where the token starts none."""
        source, at, text = self._source, token.at, token.text
        if token.kind is Kind.PUNCTUATION and text != "(":
            return None
        if token.kind in {Kind.RIGHT, Kind.END} or (token.kind is Kind.KEYWORD and text != "nil"):
            return None
        self._cursor.take()
        match token.kind:
            case Kind.NAME:
                if text not in self._functions:
                    raise source.error(at, f"there is no function {source.quoted(text)} here{self._instead(text)}")
                self.called.add(text)
                return tree.Call(at, text)
            case Kind.DOT:
                return tree.Dot(at)
            case Kind.KEYWORD:
                return tree.Nil(at)
            case Kind.VARIABLE:
                if text not in self._variables:
                    raise source.error(at, f"there is no variable {source.quoted(text)}")
                return tree.Variable(at, text, ())
            case Kind.FIELD:
                return tree.Field(at, (text[1:],))
            case Kind.BOOL:
                return tree.Constant(at, text == "true")
            case Kind.RAW:
                return tree.Constant(at, unquote_raw(text))
            case Kind.QUOTED:
                value = unquote(text)
                if value is None:
                    raise source.error(at, "the string has an escape that Go does not know")
                return tree.Constant(at, value)
            case Kind.NUMBER | Kind.CHARACTER:
                constant = number(at, text) if token.kind is Kind.NUMBER else character(at, text)
                if constant is None:
                    raise source.error(at, "this is no number that Go can hold")
                return constant
        with self._deeper(token):
            return self._pipeline(token)

    @contextmanager
    def _deeper(self, token: Token) -> Iterator[None]:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise self._source.error(token.at, f"blocks and parentheses are nested deeper than {MAX_NESTING} levels")
        yield
        self._nesting -= 1
