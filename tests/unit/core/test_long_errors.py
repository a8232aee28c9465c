"""An error is a line that a person can read, however long what it names is."""

from typing import Any

import pytest

from components.errors import SpecError
from components.manifests import read_manifests
from tests.components.manifest_objects import secret


def test_a_text_without_end_is_cut() -> None:
    assert len(str(SpecError("x" * 1_000_000))) < 4100
    assert str(SpecError("x" * 4000)) == "x" * 4000


def test_a_manifest_of_many_unknown_fields() -> None:
    unknown: dict[str, Any] = {f"field{number}": 1 for number in range(50_000)}
    with pytest.raises(SpecError) as caught:
        read_manifests([secret(**unknown)])
    assert len(str(caught.value)) < 4100
