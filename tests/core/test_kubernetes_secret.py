"""What the API server would refuse as a name is refused here, and the marks by which we know our own Secrets."""

import pytest

from components.core.kubernetes_secret import (
    Marks,
    changed_tags,
    secret_key_problem,
    secret_name_problem,
    shown_key,
    tags_mark,
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


def test_changed_tags_are_named_and_neither_tag_nor_plain_digest_is_kept() -> None:
    mark = tags_mark({"tags of a": {"env": "prod"}, "tags of b": {}}, salt="00ff")
    assert "prod" not in mark
    assert mark != tags_mark({"tags of a": {"env": "prod"}, "tags of b": {}}, salt="00fe")
    assert changed_tags(mark, {"tags of a": {"env": "prod"}, "tags of b": {}}) == ()
    assert changed_tags(mark, {"tags of a": {"env": "test"}, "tags of b": {}}) == ("tags of a",)
    assert changed_tags(mark, {"tags of c": {}}) == ("tags of c",)


@pytest.mark.parametrize("mark", [None, "", "[]", "{}", '{"salt": 1}', '{"salt": "xx"}', "no json"])
def test_a_mark_that_cannot_be_read_counts_as_changed(mark: str | None) -> None:
    assert changed_tags(mark, {"tags of a": {}}) == ("tags of a",)
