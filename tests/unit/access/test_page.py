"""The page: no name changes its markup, it asks nothing of anywhere, and it stays small and quick for 5,000 rows."""

import base64
import hashlib
import json
import random
import re
import time
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest

from components.core.access.access_findings import with_findings
from components.core.access.access_json import to_json
from components.core.access.access_map import (
    AccessMap,
    ClusterReader,
    Delivery,
    Finding,
    Granted,
    Parameter,
    Pushed,
    Reader,
    StoreRole,
    Written,
    access_map,
)
from components.core.access.access_page import page
from components.core.access.access_table import tables
from components.core.access.declared_access import declared_in
from components.core.access.stack_state import resources_of
from components.core.cost.cost_report import cost_table
from components.core.cost.estimate import Estimate, Month, StoreCost
from tests.support.access_stacks import SecretPlan, StorePlan, state

VOID = ("meta", "input", "br")


class Markup(HTMLParser):
    """Tags with their attributes in order, texts, and what stands in scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Any] = []
        self.raw: list[str] = []
        self.texts: list[str] = []
        self._in = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [(name, re.sub(r"-[0-9a-f]{12}$", "", value or "")) for name, value in attrs]))
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")
        self._in = ""

    def handle_data(self, data: str) -> None:
        (self.raw if self._in in ("script", "style") else self.texts).append(data)

    def handle_comment(self, data: str) -> None:
        self.tags.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.tags.append(("declaration", decl))

    def handle_pi(self, data: str) -> None:
        self.tags.append(("instruction", data))


def a_map(*names: str) -> AccessMap:
    """One row of each kind for each name, with the name wherever one can be."""
    return AccessMap(
        parameters=tuple(
            Parameter(name, name, name, (name,), (name,), (Reader(name, "by name", name),)) for name in names
        ),
        deliveries=tuple(Delivery(name, name, name, name, name, name, True, name, name) for name in names),
        pushes=tuple(Pushed(name, name, name, name, name, name, name) for name in names),
        roles=tuple(
            StoreRole(name, name, True, (name,), (Granted(name, name, name, "by name", (name,)),)) for name in names
        ),
        secrets=tuple(Written(name, name, name, name, name, True, True, name) for name in names),
        findings=tuple(Finding("several-namespaces", name, (name, name)) for name in names),
        cluster_readers=tuple(ClusterReader(name, name, name, (name,), name, name) for name in names),
    )


def html(found: AccessMap, name: str = "shop/dev") -> str:
    costs = cost_table(Estimate(tuple(StoreCost(each.store, *COSTS) for each in found.roles), NONE, NONE, (), ()))
    views = (*tables(found), costs)
    return page(f"Access map of {name}", f"From {name}", "1.0", views, to_json(found), [f"Most calls: by store {name}"])


NONE = Month()
COSTS: Any = ("ParameterStore", 1, 1, {}, {}, {}, 0.0, NONE, NONE, {})


PIECES = [
    "</script>",
    "<script>alert(1)</script>",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[",
    "<style>",
    "</style>",
    "</td>",
    "</table>",
    "</title>",
    "<img src=x onerror=alert(1)>",
    '"',
    "'",
    "`",
    "&",
    "&lt;",
    "&#60;",
    "&#x3c;script",
    "=",
    "/",
    "//",
    "\\",
    "\\u003c",
    "<",
    ">",
    "\x1b[31m",
    "\u202e",
    "\u2066",
    "\u2028",
    "\u2029",
    "\x00",
    "\x7f",
    "\ud800",
    "\ufeff",
    "\u200b",
    "javascript:alert(1)",
    "{{7*7}}",
    "${x}",
    "<svg/onload=x>",
    "<base href=//x>",
    "\r\n",
    "\t",
    "é",
    "🔑",
    "a" * 50,
    " ",
    "</SCRIPT\n>",
    "<a href='http://x'>",
    "below a path",
    "everything",
]


@cache
def harmless(rows: int) -> Markup:
    return Markup(html(a_map(*map(str, range(rows)))))


def test_no_name_of_five_thousand_changes_the_markup() -> None:
    chance = random.Random(7)  # noqa: S311
    variants = [*PIECES, *("".join(chance.choices(PIECES, k=chance.randint(2, 4))) for _ in range(5000))]
    for at in range(0, 5000, 100):
        names = sorted({f"{each}{number}" for number, each in enumerate(variants[at : at + 100])})
        text = html(a_map(*names), names[0])
        found, plain = Markup(text), harmless(len(names))
        assert found.tags == plain.tags, ascii(names)
        assert [found.raw[0], found.raw[2]] == [plain.raw[0], plain.raw[2]], ascii(names)
        assert json.loads(found.raw[1]) == json.loads(json.dumps(to_json(a_map(*names)))), ascii(names)
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b\u2028\u2029]", text), ascii(names)


def test_the_names_of_a_scope_are_marked_by_a_word_too() -> None:
    row = Granted("ssm:GetParameters", "arn:x/*", scope="below a path")
    text = html(AccessMap(roles=(StoreRole("s", "r", True, (), (row,)),)))
    assert "<span class=wide>below a path</span>" in text


def test_it_asks_nothing_of_anywhere_and_runs_its_own_script_alone() -> None:
    text = html(a_map("name"))
    found = Markup(text)
    attributes = [each for tag in found.tags if isinstance(tag, tuple) for each in tag[1] if isinstance(each, tuple)]
    assert {value for name, value in attributes if name in ("src", "srcset", "action", "data", "style")} == set()
    assert all(value.startswith("#") for name, value in attributes if name == "href")
    assert not [name for name, _ in attributes if name.startswith("on")]
    assert "url(" not in text
    assert "@import" not in text
    (policy,) = [value for name, value in attributes if name == "content" and "default-src" in value]
    assert policy.startswith("default-src 'none';")
    for kind, body in (("style", found.raw[0]), ("script", found.raw[2])):
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_it_can_be_read_without_scripts_and_by_a_screen_reader() -> None:
    found = Markup(html(a_map("name")))
    tags = [each[0] for each in found.tags if isinstance(each, tuple)]
    assert tags.count("h1") == 1
    assert {"header", "nav", "main", "footer", "caption"} <= set(tags)
    assert tags.count("table") == tags.count("caption") == tags.count("h2")
    attributes = dict(each for tag in found.tags if isinstance(tag, tuple) and tag[0] == "html" for each in tag[1])
    assert attributes == {"lang": "en"}
    heads = [tag[1] for tag in found.tags if isinstance(tag, tuple) and tag[0] == "th"]
    assert all(dict(each).get("scope") in ("col", "row") for each in heads)
    regions = [dict(tag[1]) for tag in found.tags if isinstance(tag, tuple) and tag[0] == "div" and len(tag[1]) > 2]
    assert all(each["tabindex"] == "0" and each["aria-labelledby"] for each in regions)
    ids = [dict(tag[1]).get("id") for tag in found.tags if isinstance(tag, tuple) and tag[0] == "input"]
    assert ids.count("search") == 1
    assert "name" in found.texts


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def light(colour: str) -> float:
        full = colour * 2 if len(colour) == 3 else colour
        parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_its_colours_can_be_told_apart_in_light_and_dark() -> None:
    style = Markup(html(a_map("name"))).raw[0]
    light, dark = style.split("prefers-color-scheme:dark")
    for part in (light, dark):
        colours = dict(re.findall(r"--([a-z-]+):#([0-9a-f]{3,6})", part))
        for text, behind in [
            ("text", "back"),
            ("soft", "back"),
            ("link", "back"),
            ("wide", "wide-back"),
            ("text", "head"),
        ]:
            assert contrast(colours[text], colours[behind]) >= 4.5, (text, behind)


def test_five_thousand_rows_are_quick_and_small() -> None:
    secrets = [
        SecretPlan(
            f"service-{at:03}",
            {f"key-{key}": {"key": f"/production/team-{at % 9}/service-{at:03}/{key}"} for key in range(10)},
        )
        for at in range(500)
    ]
    stores = [StorePlan(f"store-{number}", secrets[number::10]) for number in range(10)]
    document = state(stores)
    started = time.process_time()
    found = with_findings(access_map(declared_in(resources_of(document, "the state"))))
    text = html(found)
    took = time.process_time() - started
    assert len(found.deliveries) == 5000
    assert sum(len(each.grants) for each in found.roles) == 5000
    assert took < 3, took
    assert len(text.encode()) < 6_000_000, len(text.encode())


@pytest.mark.parametrize("part", ["parameters", "roles"])
def test_a_row_has_an_address_that_stays(part: str) -> None:
    first, second = (re.findall(rf'id="({part}-[0-9a-f]{{12}})"', html(a_map(name))) for name in ("a", "a"))
    assert first == second
    assert len(first) == 1
