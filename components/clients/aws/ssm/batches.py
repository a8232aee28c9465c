"""How references become GetParameters calls: as few as possible, and so that no answer is mistaken for another."""

from collections import Counter
from collections.abc import Collection

from ....core.ssm.references import ParameterReference

NAMES_PER_CALL = 10
"""AWS's limit, API reference of GetParameters."""


def batches(references: Collection[ParameterReference]) -> list[tuple[ParameterReference, ...]]:
    """Spread references over calls.

    No call asks for one parameter twice: AWS answers alphabetically and may leave out the selector, so that two
    versions of one name, or `db` beside `/db`, could not be told apart within one answer.

    Args:
        references: distinct references.

    Returns:
        ceil(N/10) calls, or as many as one parameter is asked for if that is more; the same for the same references.
    """
    if not references:
        return []
    paths = Counter(reference.path for reference in references)
    calls = max(-(-len(references) // NAMES_PER_CALL), *paths.values())
    # References to one parameter are neighbours in this order, and dealing them out like cards separates neighbours.
    ordered = sorted(references, key=lambda reference: (reference.path, reference))
    return [tuple(ordered[first::calls]) for first in range(calls)]
