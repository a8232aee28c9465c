"""`help()` shows what can be written: each argument, its type without this library's own marks, and what it means."""

import inspect
import pydoc
import re
from dataclasses import is_dataclass

import pytest

import components
from components.arguments.construction import checks_arguments
from components.arguments.store import StoreArguments

CONSTRUCTED = sorted(
    name
    for name in components.__all__
    if hasattr(getattr(getattr(components, name), "__init__", None), "checks_arguments")
)
STORES = ["ClusterSecretStore", "SecretStore"]


def test_types_are_as_people_write_them() -> None:
    assert str(inspect.signature(components.RemoteRef)) == (
        "(key: Input[str], property: Input[str] | None = None, version: Input[str | int] | None = None, "
        "decoding_strategy: 'None' | 'Base64' | 'Base64URL' | 'Auto' = 'None', "
        "null_byte_policy: 'Ignore' | 'Fail' = 'Ignore', metadata_policy: 'None' | 'Fetch' = 'None', "
        "store: Store | None = None, *, optional: bool = False)"
    )
    assert "data: Mapping[str, Input[str] | RemoteRef] | None = None" in str(
        inspect.signature(components.ExternalSecret)
    )


@pytest.mark.parametrize("name", CONSTRUCTED)
def test_help_shows_no_marks_of_ours_and_every_argument(name: str) -> None:
    kind = getattr(components, name)
    shown = pydoc.plain(pydoc.render_doc(kind))
    for mark in ("Annotated", "Expected(", "Matches(", "Unpack", "*args", "**", "Characters(", "ForwardRef"):
        assert mark not in shown.partition("Data and other attributes")[0], mark
    assert not re.search("~[A-Z]", shown.partition("Data and other attributes")[0]), "a type's parameter"
    assert "self" not in inspect.signature(kind).parameters
    assert next(iter(inspect.signature(kind.__init__).parameters)) == "self"


@pytest.mark.parametrize("name", STORES)
def test_a_store_s_arguments_are_told_one_by_one(name: str) -> None:
    kind = getattr(components, name)
    doc = kind.__init__.__doc__
    for argument in StoreArguments.__annotations__:
        assert f"    {argument}: " in doc
        assert inspect.signature(kind).parameters[argument].kind is inspect.Parameter.KEYWORD_ONLY
    assert f"{' ' * 12}region: AWS region, such as `eu-central-1`" in doc
    assert f"{' ' * 16}`opts`, of the stack's `aws:region`, or of the environment." in doc
    assert "Raises:\n" in doc
    inside = doc.partition("Args:")[2].partition("Raises:")[0].splitlines()
    assert all(line == "" or line.startswith(" " * 12) or line.isspace() for line in inside)


def test_a_class_of_a_program_s_own_is_shown_too() -> None:
    @checks_arguments()
    class Own(components.RemoteRef):
        """A reference of a program."""

    assert str(inspect.signature(Own)) == str(inspect.signature(components.RemoteRef))


@pytest.mark.parametrize("name", CONSTRUCTED)
def test_help_explains_every_argument(name: str) -> None:
    kind = getattr(components, name)
    shown = f"{inspect.getdoc(kind)}\n{inspect.cleandoc(kind.__init__.__doc__ or '')}"
    for argument in inspect.signature(kind).parameters:
        told = re.findall(rf"^    {argument}: (.+)", shown, re.MULTILINE)
        assert told, argument
        assert not (is_dataclass(kind) and "see `" in told[0]), f"{argument} is told elsewhere: {told}"


def test_what_two_classes_share_is_told_in_both() -> None:
    told = "`Fail` refuses a decoded value with null bytes in it (ESO: nullBytePolicy)."
    for kind in (components.RemoteRef, components.Extract, components.Find):
        assert f"    null_byte_policy: {told}\n" in (kind.__doc__ or "")
    assert "    key: parameter name, or full ARN" in (components.Extract.__doc__ or "")


@pytest.mark.parametrize("name", STORES)
def test_a_store_shows_an_example_and_nothing_of_its_inside(name: str) -> None:
    shown = pydoc.plain(pydoc.render_doc(getattr(components, name)))
    assert f' = {name}("' in shown
    assert "declare(" not in shown
