"""The functions that read and declare manifests refuse wrong arguments in one line that says what to write."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.arguments.invalid import InvalidArgumentsError
from components.core.characters import unprintable
from components.manifests import Manifests, declare, load_manifests, read_manifests, tell

ANY: Any = None
BARE = "expected a mapping with named fields, got a string; if this is a path, write load_manifests(path)"
A_PATH = BARE.replace("a string", "a Path")
BY_ITSELF = "expected a path, as a string or Path, got a list; give each path by itself: load_manifests(*paths)"

READ = "manifests: expected what load_manifests or read_manifests returns"


def call(function: Any, *args: Any, **named: Any) -> Callable[[], Any]:
    return lambda: function(*args, **named)


def generated(*items: Any) -> Any:
    return (each for each in items)


MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "a list of paths": (call(load_manifests, ["eso"]), f"load_manifests, paths[0]: {BY_ITSELF}"),
    "a list after a path": (call(load_manifests, "eso", ["a"]), f"load_manifests, paths[1]: {BY_ITSELF}"),
    "a number as a path": (
        call(load_manifests, 5),
        "load_manifests, paths[0]: expected a path, as a string or Path, got",
    ),
    "None as a path": (
        call(load_manifests, None),
        "load_manifests, paths[0]: expected a path, as a string or Path, got",
    ),
    "bytes as a path": (call(load_manifests, b"eso"), "load_manifests, paths[0]: expected a path"),
    "an Output as a path": (
        call(load_manifests, pulumi.Output.from_input("eso")),
        "load_manifests, paths[0]: expected a path, as a string or Path, got an Output",
    ),
    "an empty path": (call(load_manifests, ""), "load_manifests: paths[0] is empty; write a path"),
    "no path": (call(load_manifests), "load_manifests: no path is given; write load_manifests('eso/')"),
    "a namespace to load": (
        call(load_manifests, "eso", namespace="a"),
        "load_manifests: there is no argument 'namespace'; write declare(load_manifests(...), namespace=...)",
    ),
    "paths by name": (call(load_manifests, paths="eso"), "load_manifests: there is no argument 'paths'"),
    "a misspelt keyword": (
        call(load_manifests, "eso", skip_unsuported=True),
        "load_manifests: there is no argument 'skip_unsuported'; did you mean 'skip_unsupported'?",
    ),
    "a string as a flag": (
        call(load_manifests, "eso", skip_unsupported="yes"),
        "load_manifests, skip_unsupported: expected True or False, got a string",
    ),
    "a number as exclude": (call(load_manifests, "eso", exclude=5), "exclude: expected a sequence of strings"),
    "None as exclude": (call(load_manifests, "eso", exclude=None), "exclude: expected a sequence of strings"),
    "a path to declare": (
        call(declare, "eso/"),
        f"declare, {READ}, got a string; write declare(load_manifests('eso/'))",
    ),
    "an object to declare": (
        call(declare, {"kind": "ExternalSecret"}),
        f"declare, {READ}, got a mapping; write declare(read_manifests(...))",
    ),
    "a list to declare": (call(declare, [Manifests()]), "declare, manifests: expected what load_manifests"),
    "nothing to declare": (call(declare), "declare: manifests is required"),
    "a namespace without its name": (
        call(declare, Manifests(), "team-a"),
        "declare: 2 arguments are given without a name, 1 at most; write all after manifests by name: namespace=",
    ),
    "a number as namespace": (call(declare, Manifests(), namespace=5), "declare, namespace: expected a string, got"),
    "no namespace's name": (
        call(declare, Manifests(), namespace="Team A"),
        "declare, namespace: 'Team A' is",
    ),
    "a mapping as opts": (
        call(declare, Manifests(), opts={}),
        "declare, opts: expected a ResourceOptions",
    ),
    "a misspelt option": (call(declare, Manifests(), options=None), "declare: there is no argument 'options'"),
    "a path to read": (call(read_manifests, "eso/x.yaml"), f"manifests: {BARE}"),
    "a folder to read": (call(read_manifests, "eso"), f"manifests: {BARE}"),
    "a Path to read": (call(read_manifests, Path("eso")), f"manifests: {A_PATH}"),
    "a second path to read": (call(read_manifests, ["eso/x.yaml", "eso/y.yaml"]), f"manifests[0]: {BARE}"),
    "Paths to read": (call(read_manifests, [Path("eso")]), f"manifests: {A_PATH}"),
    "generated paths": (call(read_manifests, generated("a.yaml")), f"manifests: {BARE}"),
    "bytes to read": (call(read_manifests, b"a: b"), "manifests: expected texts and objects, got bytes"),
    "listed bytes to read": (call(read_manifests, [b"a: b"]), "manifests: expected a string or an object, got bytes"),
    "an Output to read": (
        call(read_manifests, pulumi.Output.from_input("x")),
        "manifests: expected texts and objects, got an Output",
    ),
    "a misspelt place": (call(read_manifests, "a: b", wher="x"), "read_manifests: there is no argument 'wher'"),
    "a number as place": (call(read_manifests, "a: b", where=5), "read_manifests, where: expected a string, got"),
    "nothing to read": (call(read_manifests), "read_manifests: manifests is required"),
    "a path to tell": (call(tell, "eso"), "tell, manifests: expected what load_manifests or read_manifests returns"),
}


@pytest.mark.parametrize(("program", "line"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line(program: Callable[[], Any], line: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=f"^{re.escape(line)}") as raised:
        program()
    assert unprintable(str(raised.value)) is None


def test_what_is_right_is_read(tmp_path: Path) -> None:
    text = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}, "data": {"": ""}}'
    (tmp_path / "a.yaml").write_text(text)
    assert load_manifests(str(tmp_path / "a.yaml")) == load_manifests(tmp_path / "a.yaml", exclude=())
    assert read_manifests(generated(text), where="").skipped
    assert declare(Manifests(), namespace="team-a", opts=None) == {}
