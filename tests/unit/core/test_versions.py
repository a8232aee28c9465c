"""Versions are strings that nobody takes apart, and state keeps those of Parameter Store as the numbers they were."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from components.core.secret.kubernetes_secret import versions_mark
from components.core.versions import from_kept, to_kept, versions_from_bag, versions_to_bag

COUNTED = st.integers(0, 100_000).map(str)


@given(st.text() | COUNTED)
@example("007")
@example("-1")
@example("3.0")
@example("٣")
@example("12345678901234567890123456789012")
def test_any_version_comes_back_from_json_as_it_was(version: str) -> None:
    kept = json.loads(json.dumps(to_kept(version)))
    assert from_kept(kept) == version
    if isinstance(kept, int):
        assert from_kept(float(kept)) == version, "numbers on Pulumi's wire are floats"


def test_state_that_has_numbers_is_read_and_written_as_it_was() -> None:
    kept = {"/app/a": 3.0, "/app/b": 4, "other: db": "9c02"}
    versions = versions_from_bag(kept)
    assert versions == {"/app/a": "3", "/app/b": "4", "other: db": "9c02"}
    assert json.dumps(versions_to_bag(versions)) == '{"/app/a": 3, "/app/b": 4, "other: db": "9c02"}'


def test_the_annotation_of_a_secret_is_the_one_that_earlier_versions_wrote() -> None:
    assert versions_mark({"/app/b": "2", "/app/a": "1"}) == '{"/app/a":1,"/app/b":2}'
