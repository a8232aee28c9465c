"""A target is stored as it always was, and means the same to who reads it: all combinations of its fields."""

from itertools import product
from typing import Any, get_args

import pytest

from components.arguments.target import Target, Template
from components.core.spec.target_specs import (
    CreationPolicy,
    DeletionPolicy,
    TemplateItem,
    TemplateMergePolicy,
    TemplateSource,
)
from components.core.spec.target_specs import Target as StoredTarget
from components.errors import SpecError

FLAGS = (False, True)
LABELS: tuple[dict[str, str], ...] = ({}, {"a": "", "b": "2"})
SOURCE = TemplateSource(config_map="cm", items=(TemplateItem("a"), TemplateItem("b", "KeysAndValues")), target="Labels")
SOURCE_BAG = {
    "target": "Labels",
    "configMap": {"name": "cm", "items": [{"key": "a"}, {"key": "b", "templateAs": "KeysAndValues"}]},
}
NEVER_FIT = (
    *(("Delete", each) for each in ("Merge", "CreateOrMerge", "None")),
    ("Merge", "None"),
)


def of_truth(**fields: Any) -> dict[str, Any]:
    """What is as by default is left out."""
    return {name: value for name, value in fields.items() if value}


def test_a_target_in_all_combinations() -> None:
    policies = product(get_args(CreationPolicy), get_args(DeletionPolicy))
    for (creation, deletion), (immutable, replaced, adopt), labels in product(
        policies, product(FLAGS, FLAGS, FLAGS), LABELS
    ):
        target = Target("name", creation, deletion, immutable, replaced, adopt, labels, labels)
        assert target.to_bag() == of_truth(
            creationPolicy=creation if creation != "Owner" else None,
            deletionPolicy=deletion if deletion != "Retain" else None,
            immutable=immutable,
            replaceImmutable=replaced,
            adopt=adopt,
            labels=labels,
            annotations=labels,
        )
        if (deletion, creation) in NEVER_FIT or (replaced and not immutable):
            with pytest.raises(SpecError, match=r"go with creationPolicy|for an immutable Secret"):
                StoredTarget.from_bag(target.to_bag())
            continue
        read: StoredTarget[str] = StoredTarget.from_bag(target.to_bag())
        assert (read.creation_policy, read.deletion_policy, read.adopt) == (creation, deletion, adopt)
        assert (read.immutable, read.replace_immutable, read.labels) == (immutable, replaced, labels)
        assert (read.annotations, read.template) == (labels, None)


@pytest.mark.parametrize("sources", [(), (SOURCE, TemplateSource(literal="x"))])
def test_a_template_in_all_combinations(sources: tuple[TemplateSource, ...]) -> None:
    for data, labels, finalizers, kind, merges in product(LABELS, LABELS, ((), ("f",)), (None, "Opaque"), FLAGS):
        policy: TemplateMergePolicy = "Merge" if merges else "Replace"
        template = Template(data, sources, labels, labels, finalizers, kind, policy)
        bag = of_truth(
            data=data,
            templateFrom=[SOURCE_BAG, {"literal": "x"}] if sources else [],
            metadata=of_truth(labels=labels, annotations=labels, finalizers=list(finalizers)),
            type=kind,
            mergePolicy=policy if merges else None,
        )
        assert Target(template=template).to_bag() == {"template": bag or {"engineVersion": "v2"}}
        read = StoredTarget[str].from_bag(Target(template=template).to_bag()).template
        assert read is not None
        assert (read.data, tuple(read.template_from), read.labels, read.annotations) == (data, sources, labels, labels)
        assert (read.finalizers, read.type, read.merge_policy) == (finalizers, kind, policy)
