"""The argument of an ExternalSecret that says what its Secret looks like; core/spec/target_specs.py reads its bag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pulumi

from ..core.spec.argument_types import AnyText, MayBeSecret
from ..core.spec.store_specs import compact
from ..core.spec.target_specs import CreationPolicy, DeletionPolicy, TemplateMergePolicy, TemplateSource

Text = Annotated[pulumi.Input[AnyText], MayBeSecret()]


@dataclass(frozen=True)
class Template:
    """How the Secret is made of what was read (ESO: `target.template`, engineVersion v2); see docs/templates.md.

    Templates are rendered where values are read, never in the program.

    Attributes:
        data: key -> template.
        template_from: further templates: literals, or texts in ConfigMaps and Secrets of the Secret's namespace.
        labels: label -> template of its value.
        annotations: annotation -> template of its value.
        finalizers: finalizers of the Secret.
        type: type of the Secret, such as `kubernetes.io/dockerconfigjson`. A change of it deletes the Secret and
            creates it again.
        merge_policy: `Merge` keeps the keys that were read beside those of `data`; `Replace`, the default, does not.
    """

    data: Mapping[str, Text] = field(default_factory=dict, repr=False)
    template_from: Sequence[TemplateSource] = ()
    labels: Mapping[str, Text] = field(default_factory=dict, repr=False)
    annotations: Mapping[str, Text] = field(default_factory=dict, repr=False)
    finalizers: Sequence[str] = ()
    type: str | None = None
    merge_policy: TemplateMergePolicy = "Replace"

    def to_bag(self) -> dict[str, Any]:
        """The template as it is stored."""
        metadata = {
            "labels": dict(self.labels) or None,
            "annotations": dict(self.annotations) or None,
            "finalizers": list(self.finalizers) or None,
        }
        bag = {
            "data": dict(self.data) or None,
            "templateFrom": [each.to_bag() for each in self.template_from] or None,
            "metadata": compact(metadata) or None,
            "type": self.type,
            "mergePolicy": None if self.merge_policy == "Replace" else self.merge_policy,
        }
        # Pulumi drops empty maps from nothing, but a template without anything still is one.
        return compact(bag) or {"engineVersion": "v2"}


@dataclass(frozen=True)
class Target:
    """The Secret (ESO: `target`).

    Attributes:
        name: its name. Default: the ExternalSecret's resource name, as in ESO.
        creation_policy: `Owner`: made by, and gone with, the ExternalSecret. `Orphan`: stays when it goes. `Merge`:
            keys are added to a Secret that others make. `CreateOrMerge`: the same, and made where there is none.
            `None`: nothing is written (ESO: creationPolicy).
        deletion_policy: what happens where parameters are gone. `Retain`: an error. `Merge`: their keys go. `Delete`:
            their keys go, and the Secret with the last one (ESO: deletionPolicy).
        immutable: the API server refuses every change of the Secret's data (ESO: `immutable`).
        replace_immutable: an immutable Secret whose data has to change is deleted and created again, and missing for a
            moment. Default: that is an error.
        adopt: a Secret that is there already is taken over, another ExternalSecret's or stack's too: keys that are
            not declared here are removed from it, and External Secrets Operator lets go of it. Default: it is not
            touched, and that is an error.
        labels: labels of the Secret.
        annotations: annotations of the Secret.
        template: how it is made of what was read. Default: each key that was read is a key of the Secret.
    """

    name: pulumi.Input[str] | None = None
    creation_policy: CreationPolicy = "Owner"
    deletion_policy: DeletionPolicy = "Retain"
    immutable: bool = False
    replace_immutable: bool = False
    adopt: bool = False
    labels: Mapping[str, Text] = field(default_factory=dict)
    annotations: Mapping[str, Text] = field(default_factory=dict)
    template: Template | None = None

    def to_bag(self) -> dict[str, Any]:
        """The target as it is stored, without its name."""
        return compact(
            {
                "creationPolicy": None if self.creation_policy == "Owner" else self.creation_policy,
                "deletionPolicy": None if self.deletion_policy == "Retain" else self.deletion_policy,
                "immutable": self.immutable or None,
                "replaceImmutable": self.replace_immutable or None,
                "adopt": self.adopt or None,
                "labels": dict(self.labels) or None,
                "annotations": dict(self.annotations) or None,
                "template": None if self.template is None else self.template.to_bag(),
            }
        )
