"""One made-up input, and what becomes of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from components.errors import ExtractError, SpecError

CANARY = "Zq7canary"
"""Is part of every value, and must not be part of any error."""
SECONDS = 10.0
"""Of the processor, that one case may take on a slow machine; nearly all take a few milliseconds."""
LONGEST_TEXT = 20_000
"""Characters of an error's text; a person has to read it."""
WELL = ("done", "refused", "failed")
"""What may become of a case: a result, a declaration that is wrong by itself, or a value that does not suit it."""


class Fault(Exception):  # noqa: N818 - what the fuzzer looks for; it is no failure of the fuzzer
    """What a case may never do; the text says what."""


@dataclass(frozen=True)
class Case:
    """One made-up input.

    Attributes:
        shown: what it is, without values.
        run: puts it to the test; raises what the library raises, or a `Fault`.
    """

    shown: str
    run: Callable[[], object]


def outcome(case: Case) -> str:
    """What becomes of a case: one of `WELL`, or what is wrong."""
    start = time.process_time()
    try:
        case.run()
        result, text = "done", ""
    except SpecError as error:
        result, text = "refused", str(error)
    except ExtractError as error:
        result, text = "failed", str(error)
    except Exception as error:  # noqa: BLE001 - whatever escapes is what the fuzzer looks for
        result, text = f"{type(error).__name__}: {error}", str(error)
    if CANARY.lower() in text.lower():
        return "an error shows a value"
    if len(text) > LONGEST_TEXT:
        return f"an error has {len(text):,} characters"
    if (seconds := time.process_time() - start) > SECONDS:
        return f"it took {seconds:.1f} s"
    return result
