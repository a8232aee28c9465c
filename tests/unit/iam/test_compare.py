"""The table in docs/permissions.md is what the script prints, and ours grants nothing beyond need."""

from tests.support.paths import ROOT
from tools import policy_comparison as compare


def test_the_docs_hold_the_table() -> None:
    page = ROOT / "docs" / "permissions.md"
    assert compare.table() in page.read_text("utf-8")


def test_ours_is_just_what_is_needed() -> None:
    assert compare.pairs(compare.DOCUMENTED[0]) == {("ssm:GetParameters", arn) for arn in compare.ARNS}
