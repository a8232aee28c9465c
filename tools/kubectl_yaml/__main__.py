"""Holds our YAML to kubectl's: `python -m tools.kubectl_yaml --cases 10000`; --record renews the recorded texts.

It builds a small program from the Go modules that go.mod names, and asks it and us for the values of made-up texts.
"""

# ruff: noqa: T201 - a command

import argparse
import base64
import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tools.kubectl_yaml.comparing import ours, same
from tools.kubectl_yaml.corners import corners
from tools.kubectl_yaml.go_decoder import GoDecoder, NotBuiltError, go_decoder
from tools.kubectl_yaml.manifests import MANIFESTS
from tools.kubectl_yaml.records import TEXTS
from tools.kubectl_yaml.texts import Maker

_NOT_RUN = 77
_RECORDED_CASES, _RECORDED_SEED = 1800, 1
_LONGEST = 900  # bytes of a made-up text that is recorded
_SHOWN = 20
_ASKED = 4  # times; of two keys that are the same for JSON, Go keeps any


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, or record.

    Returns:
        The exit code: 0 where only texts differ that are refused on purpose, 77 where there is no Go.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.kubectl_yaml", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="how many texts (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=2, help="the same seed makes the same texts (default: %(default)s)")
    parser.add_argument("--record", action="store_true", help=f"write {TEXTS.name} again")
    parsed = parser.parse_args(arguments)
    try:
        with go_decoder() as go:
            return _record(go) if parsed.record else _compare(go, _made(parsed.cases, parsed.seed))
    except NotBuiltError as error:
        print(f"kubectl_yaml: NOT RUN: {error}")
        return _NOT_RUN


def _made(cases: int, seed: int) -> list[tuple[str, bytes]]:
    maker = Maker(seed, MANIFESTS)
    return [("document" if number % 5 == 0 else "stream", maker.text().encode()) for number in range(cases)]


def _compare(go: GoDecoder, questions: list[tuple[str, bytes]]) -> int:
    counts: Counter[str] = Counter()
    faults = 0
    for (kind, text), said in zip(questions, go.ask(questions), strict=True):
        documents, problem = ours(kind, text)
        if "error" in said or documents is None:
            verdict = "refused by both" if "error" in said and documents is None else f"refused by us: {problem}"
            verdict = "taken by us alone" if documents is not None else verdict
        else:
            verdict = "the same" if same(documents, said.get("values", [])) else "other values"
        counts[verdict] += 1
        if verdict in ("taken by us alone", "other values"):
            faults += 1
            if faults <= _SHOWN:
                print(f"{verdict}: {kind} {text!r}\n  Go: {said}\n  we: {documents}")
    for verdict, count in counts.most_common():
        print(f"{count:6} {verdict}")
    return int(faults > 0)


def _record(go: GoDecoder) -> int:
    by_hand = [each if isinstance(each, bytes) else each.encode() for each in corners()]
    made = [each for each in _made(_RECORDED_CASES, _RECORDED_SEED) if len(each[1]) <= _LONGEST]
    questions = list(dict.fromkeys([(kind, text) for text in by_hand for kind in ("stream", "document")] + made))
    answers = [go.ask(questions) for _ in range(_ASKED)]
    with TEXTS.open("w", encoding="utf-8") as file:
        for (kind, text), *said in zip(questions, *answers, strict=True):
            if any(each != said[0] for each in said):
                continue
            file.write(json.dumps(_line(kind, text, said[0]), separators=(",", ":")) + "\n")
    print(f"{TEXTS}: {len(questions)} texts")
    return 0


def _line(kind: str, text: bytes, said: dict[str, Any]) -> dict[str, Any]:
    try:
        written = {"text": text.decode()}
    except UnicodeDecodeError:
        written = {"base64": base64.b64encode(text).decode()}
    return {"as": kind, **written, **({"refused": True} if "error" in said else {"values": said.get("values", [])})}


if __name__ == "__main__":
    sys.exit(main())
