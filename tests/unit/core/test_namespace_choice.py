"""Any selector and any name chooses a namespace, by Kubernetes' rules for labels."""

import pytest

from components.core.spec.namespace_choice import NamespaceChoice

CHOICE = NamespaceChoice.from_bag(
    {
        "namespaceSelectors": [
            {"matchLabels": {"kind": "team"}, "matchExpressions": [{"key": "off", "operator": "DoesNotExist"}]},
            {"matchExpressions": [{"key": "stage", "operator": "In", "values": ["prod", ""]}]},
        ],
        "namespaces": ["ops", "ops"],
    }
)


@pytest.mark.parametrize(
    ("name", "labels", "chosen"),
    [
        ("a", {"kind": "team"}, True),
        ("a", {"kind": "team", "off": ""}, False),
        ("a", {"kind": "team", "off": "", "stage": ""}, True),
        ("a", {"kind": "Team"}, False),
        ("a", {}, False),
        ("ops", {}, True),
        ("ops2", {}, False),
    ],
)
def test_any_selector_and_any_name_chooses(name: str, labels: dict[str, str], *, chosen: bool) -> None:
    assert CHOICE.chooses(name, labels) is chosen


def test_an_empty_selector_chooses_all_and_none_chooses_none() -> None:
    assert NamespaceChoice.from_bag({"namespaceSelectors": [{}]}).chooses("a", {})
    assert not NamespaceChoice.from_bag({}).chooses("a", {})
    assert CHOICE.names == ("ops",)
