"""Fields of declarations, each said once: the readers, the writer and the checks follow from annotations and defaults.

A declaration is a frozen dataclass that is an argument of programs, a mapping of manifests and settings, and a property
in the state. ESO's name of a field is the attribute's in camelCase unless `Named` says another; `Literal` holds its
choices, and the dataclass its default. In a program a value may be an Output: a type parameter stands for it, and it is
stored as it is, so that core needs nothing of Pulumi.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar, Union, cast, get_args, get_origin
from typing import get_type_hints as hints_of

from ..versions import from_kept
from .argument_types import Characters
from .choices import check_choice
from .config_fields import Fields, camel

_LISTS = (Sequence, tuple)
Text = TypeVar("Text")
"""A string; in a program an Output of one, too."""


@dataclass(frozen=True)
class Named:
    """ESO's name of a field that is not the attribute's in camelCase; `a.b` is field `b` of a mapping `a`."""

    name: str


@dataclass(frozen=True)
class Selector:
    """A string that YAML may read as a whole number, and Pulumi's wire as 3.0: a version or label, the duration 0."""


@dataclass(frozen=True)
class Elsewhere:
    """A field that is not in the declaration's own mapping; the code that reads and writes around it adds it."""


def types_and_marks(annotation: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The types of an annotation, and its marks, the outermost first; marks in a union stay with its types."""
    marks: list[Any] = []
    while get_origin(annotation) is Annotated:
        annotation, *found = get_args(annotation)
        marks += found
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return options, tuple(marks)


@dataclass(frozen=True)
class Field:
    """One field of a declaration.

    Attributes:
        attribute: its name in Python.
        path: its name in manifests and state; two names for a field of a mapping of its own.
        kind: its type besides None.
        marks: what the annotation says besides.
        default: what stands for a field that is left out; MISSING where it is required.
    """

    attribute: str
    path: tuple[str, ...]
    kind: Any
    marks: tuple[Any, ...]
    default: Any

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The words that it takes; none where it takes others."""
        return get_args(self.kind) if self.origin is Literal else ()

    @cached_property
    def origin(self) -> Any:
        """The kind without what is between its brackets."""
        return get_origin(self.kind) or self.kind

    @cached_property
    def selects(self) -> bool:
        """Whether it is a selector."""
        return Selector() in self.marks

    @cached_property
    def elsewhere(self) -> bool:
        """Whether the declaration's own mapping does not hold it."""
        return Elsewhere() in self.marks

    def stored(self, value: Any) -> Any:
        """A value as it is stored; None where it is left out."""
        if value == self.default or (value == "" and self.selects):
            return None
        if isinstance(value, Mapping):
            return dict(value)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [each.to_bag() if isinstance(each, Declaration) else each for each in value]
        return value.to_bag() if isinstance(value, Declaration) else value

    def of_bag(self, value: Any) -> Any:
        """A value out of a property bag."""
        if value is None or (value == "" and (self.choices or self.selects)):
            return None if self.default is MISSING else self.default
        if self.selects:
            return from_kept(value)
        if self.origin in _LISTS:
            inside, *_ = get_args(self.kind)
            return tuple(inside.from_bag(each) if _is_declaration(inside) else each for each in value)
        if self.origin in (Mapping, bool):
            return dict(value) if self.origin is Mapping else bool(value)
        return self.origin.from_bag(value) if _is_declaration(self.origin) else value

    def of_manifest(self, mapping: Fields, name: str) -> Any:
        """A value out of a mapping of a manifest or the settings; what is empty counts as left out."""
        if _is_declaration(self.origin):
            inner = mapping.mapping(name)
            value = self.origin.read(inner) if inner else None
        elif self.origin in (Mapping, bool):
            value = mapping.pairs(name) if self.origin is Mapping else mapping.flag(name)
        elif self.origin in _LISTS:
            inside, *_ = get_args(self.kind)
            of_declarations = _is_declaration(inside)
            value = tuple(map(inside.read, mapping.entries(name))) if of_declarations else mapping.texts(name)
        elif self.selects:
            value = mapping.selector(name)
        elif self.default is MISSING:
            value = mapping.text(name, may_be_empty=Characters(any=True) in self.marks)
        else:
            value = mapping.optional_text(name)
        return self.default if value is None else value


class Declaration:
    """What a frozen dataclass of fields can be read of, and written to; `PLACE` stands before fields in errors."""

    PLACE: ClassVar[str] = ""

    def check(self) -> None:
        """Check the values, once all of them are known.

        Raises:
            SpecError: one can never work, or they do not go together; the text names it.
        """
        for each in _with_choices(cast("Hashable", type(self))):
            check_choice(self.PLACE + each.path[-1], getattr(self, each.attribute), each.choices)

    def to_bag(self) -> dict[str, Any]:
        """The declaration as it is stored; what is as by default is left out."""
        bag: dict[str, Any] = {}
        for each in fields_of(type(self)):
            value = None if each.elsewhere else each.stored(getattr(self, each.attribute))
            if value is not None:
                _mapping_of(bag, each.path)[each.path[-1]] = value
        return bag

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any], **given: Any) -> Self:
        """The declaration out of a property bag, with attributes from elsewhere; the errors are those of `check`."""
        made = cls.unchecked(bag, **given)
        made.check()
        return made

    @classmethod
    def unchecked(cls, bag: Mapping[str, Any], **given: Any) -> Self:
        """The declaration out of a property bag, whatever its values are."""
        values = {each.attribute: each.of_bag(_value_of(bag, each)) for each in _held(cls, given)}
        return cls(**values, **given)

    @classmethod
    def only(cls, mapping: Fields, *others: str, without: Collection[str] = ()) -> None:
        """Refuse a field of a mapping that is unknown; see `read`."""
        mapping.only(*{each.path[0]: 0 for each in _held(cls, without)}, *others)

    @classmethod
    def read(cls, mapping: Fields, **given: Any) -> Self:
        """The declaration out of a mapping of a manifest or the settings; see `values_of`. It is not checked."""
        return cls(**cls.values_of(mapping, given), **given)

    @classmethod
    def values_of(cls, mapping: Fields, without: Collection[str] = ()) -> dict[str, Any]:
        """The attributes out of a mapping of a manifest or the settings, all of whose fields are taken.

        To take other fields of the mapping, first call `only` with their names, and take them.

        Attributes in `without` come from elsewhere; their fields are unknown here.

        Raises:
            SpecError: a field is unknown, missing, or not of its kind; the text names it.
        """
        cls.only(mapping, without=without)
        taken = _held(cls, without)
        inner = {name: mapping.mapping(name) for name in {each.path[0]: 0 for each in taken if len(each.path) > 1}}
        for name, found in inner.items():
            if found:
                found.only(*(each.path[1] for each in taken if each.path[0] == name))
        values: dict[str, Any] = {}
        for each in taken:
            holder = inner[each.path[0]] if len(each.path) > 1 else mapping
            if holder:
                values[each.attribute] = each.of_manifest(holder, each.path[-1])
        mapping.end()
        return values


def fields_of(kind: type) -> tuple[Field, ...]:
    """The fields of a declaration, in their order."""
    return _fields_of(cast("Hashable", kind))


@cache
def _fields_of(kind: Any) -> tuple[Field, ...]:
    hints = hints_of(kind, include_extras=True)
    found = []
    for each in fields(kind):
        options, outer = types_and_marks(hints[each.name])
        (kind, *_), inner = types_and_marks(next(option for option in options if option is not NoneType))
        marks = (*outer, *inner)
        named = next((mark.name for mark in marks if isinstance(mark, Named)), None)
        found.append(
            Field(
                each.name,
                tuple((named or camel(each.name)).split(".")),
                kind,
                marks,
                each.default if each.default_factory is MISSING else each.default_factory(),
            )
        )
    return tuple(found)


def _held(kind: type, without: Collection[str]) -> Sequence[Field]:
    """The fields that a declaration's own mapping holds."""
    own = _own_fields(cast("Hashable", kind))
    return [each for each in own if each.attribute not in without] if without else own


@cache
def _own_fields(kind: Any) -> tuple[Field, ...]:
    return tuple(each for each in fields_of(kind) if not each.elsewhere)


@cache
def _with_choices(kind: Any) -> tuple[Field, ...]:
    return tuple(each for each in fields_of(kind) if each.choices)


def _is_declaration(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Declaration)


def _mapping_of(bag: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """The mapping in a bag that a field stands in."""
    for name in path[:-1]:
        bag = bag.setdefault(name, {})
    return bag


def _value_of(bag: Mapping[str, Any], field: Field) -> Any:
    """A field's value in a bag; None where it is left out."""
    if field.default is MISSING:
        return bag[field.path[0]]
    found: Any = bag
    for name in field.path:
        found = (found or {}).get(name)
    return found
