"""The table in docs/permissions.md is what the script prints, and ours grants nothing beyond need."""

from pathlib import Path

from tests.iam import compare


def test_the_docs_hold_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "permissions.md"
    assert compare.table() in page.read_text("utf-8")


def test_ours_is_just_what_is_needed() -> None:
    assert compare.pairs(compare.DOCUMENTED[0]) == {("ssm:GetParameters", arn) for arn in compare.ARNS}
