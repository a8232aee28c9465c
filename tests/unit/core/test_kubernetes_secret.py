"""What the API server would refuse as a name is refused here, and the marks by which we know our own Secrets."""

import pytest

from components.core.secret.kubernetes_secret import (
    Marks,
    changed_since,
    digests_mark,
    secret_key_problem,
    secret_name_problem,
    shown_key,
    tags_contents,
)


@pytest.mark.parametrize("key", ["a", ".dockerconfigjson", "-", "A_b.c-1", "k" * 253])
def test_allowed_keys(key: str) -> None:
    assert secret_key_problem(key) is None


@pytest.mark.parametrize("key", ["", "a b", "/a", "ä", ".", "..", "..a", "k" * 254])
def test_refused_keys(key: str) -> None:
    assert secret_key_problem(key)


def test_a_key_that_a_rewrite_made_very_long_does_not_fill_the_screen() -> None:
    assert shown_key("k" * 253) == repr("k" * 253)
    assert shown_key("k" * 700_000) == repr("k" * 40) + "..."


@pytest.mark.parametrize(
    ("name", "allowed"), [("db", True), ("a.b-c", True), ("UPPER", False), ("-a", False), ("", False)]
)
def test_names(name: str, allowed: bool) -> None:  # noqa: FBT001  a test's parameter
    assert (secret_name_problem(name) is None) is allowed


def test_a_secret_of_ones_own_bears_the_plain_marks() -> None:
    marks = Marks.of("shop/dev/db", shared=False)
    assert (marks.manager, marks.owner) == ("pulumi-parameter-store", "pulumi-parameter-store/owner")
    assert marks.labels == {"app.kubernetes.io/managed-by": "pulumi-parameter-store"}


def test_in_a_shared_secret_each_has_marks_and_a_field_manager_of_its_own() -> None:
    one, other = (Marks.of(owner, shared=True) for owner in ("shop/dev/a", "shop/dev/b"))
    assert not {one.manager, one.owner, one.versions, one.tags} & {
        other.manager,
        other.owner,
        other.versions,
        other.tags,
    }
    assert one == Marks.of("shop/dev/a", shared=True)
    assert one.labels == {}


def test_what_changed_is_named_and_neither_content_nor_plain_digest_is_kept() -> None:
    contents = {"a": b"prod", "b": b""}
    mark = digests_mark(contents, salt="00ff")
    assert "prod" not in mark
    assert mark != digests_mark(contents, salt="00fe")
    assert changed_since(mark, contents) == ()
    assert changed_since(mark, {**contents, "a": b"test"}) == ("a",)
    assert changed_since(mark, {"c": b""}) == ("c",)


def test_the_order_of_tags_does_not_matter() -> None:
    assert tags_contents({"a": {"x": "1", "y": "2"}}) == tags_contents({"a": {"y": "2", "x": "1"}})


@pytest.mark.parametrize("mark", [None, "", "[]", "{}", '{"salt": 1}', '{"salt": "xx"}', "no json"])
def test_a_mark_that_cannot_be_read_counts_as_changed(mark: str | None) -> None:
    assert changed_since(mark, {"a": b""}) == ("a",)
