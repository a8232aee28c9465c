"""Texts and what kubectl made of them, as `python -m tools.kubectl_yaml --record` wrote them down."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.paths import RECORDED

TEXTS = RECORDED / "kubectl-yaml.jsonl"


@dataclass(frozen=True)
class Record:
    """One text.

    Attributes:
        kind: "stream" for a manifest, "document" for a kubeconfig.
        text: The bytes of the file.
        values: The documents that Go reads; None where it refuses the text.
    """

    kind: str
    text: bytes
    values: list[Any] | None


def records() -> Iterator[Record]:
    """All of them."""
    with TEXTS.open(encoding="utf-8") as file:
        for line in file:
            read = json.loads(line)
            text = base64.b64decode(read["base64"]) if "base64" in read else read["text"].encode()
            yield Record(read["as"], text, None if read.get("refused") else read["values"])
