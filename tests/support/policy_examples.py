"""The examples of docs/policies.md, declared under Pulumi's mocks, as rules see them."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from pulumi.runtime import mocks

from policies.rules.resource import Resource
from sandbox.engine.values import from_struct, unwrap
from tests.components.support import declare
from tests.components.test_identity import Cloud
from tests.support.paths import ROOT

PAGE = (ROOT / "docs/policies.md").read_text("utf-8")
STACK = "prod"
PRELUDE = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[0].replace(
    "pulumi_parameter_store", "components"
)
"""What stands above each example."""


@dataclass(frozen=True)
class Section:
    """What the page says of one rule."""

    rule: str
    text: str
    config: dict[str, Any]
    bad: str
    good: str


class _Monitor(mocks.MockMonitor):
    """Keeps what is registered, with parents and dependencies."""

    def __init__(self, engine: mocks.Mocks) -> None:
        super().__init__(engine)
        self.declared: list[Resource] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - Pulumi's name
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        props = {key: each for key, each in unwrap(from_struct(request.object)).items() if not key.startswith("__")}
        urn, dependencies = response.urn, list(request.dependencies)
        made = Resource(request.type, request.name, urn, props, request.protect, request.parent, dependencies)
        self.declared.append(made)
        return response


def _blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@cache
def sections() -> tuple[Section, ...]:
    _, *found = re.split(r"^### (.+)\n", PAGE, flags=re.MULTILINE)
    made = []
    for rule, text in zip(found[::2], found[1::2], strict=True):
        bad, good = _blocks("python", text)
        configs = _blocks("json", text)
        made.append(Section(rule, text, json.loads(configs[0]) if configs else {}, bad, good))
    return tuple(made)


def declared(*examples: str) -> list[Resource]:
    """What a program of some examples declares."""
    engine = Cloud()
    monitor = _Monitor(engine)

    def program() -> None:
        for example in examples:
            exec(compile(PRELUDE + example, "example.py", "exec"), {"__name__": "__main__"})  # noqa: S102

    declare(program, engine=engine, stack=STACK, monitor=monitor)
    return monitor.declared
