"""The demo's moment of the policy pack: a refusal in preview, in three lines that name keys and no value."""

from pathlib import Path

import pytest

from sandbox.demo import Show
from sandbox.engines import sandbox_engine
from sandbox.environment import Sandbox, copy_project

pytestmark = pytest.mark.policy_pack


def test_a_rule_refuses_what_another_namespace_owns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox() as sandbox:
        show = Show(sandbox, sandbox_engine(), copy_project(tmp_path), sandbox.environment(), detail=False)
        show.prepare()
        show.show_refusal()
    lines = capsys.readouterr().out.splitlines()
    assert "   $ pulumi preview --diff --policy-pack policies --policy-pack-config rules.json" in lines
    assert any("[mandatory]" in line and "namespace-owns-prefix" in line for line in lines)
    assert [line.strip() for line in lines if "outside of what" in line] == [
        "data.first_friend: it is outside of what namespaces may read; see the rule's configuration",
        "data.my_name: it is outside of what namespaces may read; see the rule's configuration",
    ]
