"""What the Secret is to look like and what becomes of it (ESO: ExternalSecret's `target`), with everything resolved."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, get_args

from ...errors import SpecError
from ..spec.choices import DecodingStrategy
from .argument_types import AnyText, Characters, MayBeSecret, ObjectName
from .choices import check_choice
from .fields import Declaration, Elsewhere, Named, Text

Texts = Mapping[str, Annotated[Text, Characters(any=True), MayBeSecret()]]

CreationPolicy = Literal["Owner", "Orphan", "Merge", "CreateOrMerge", "None"]
DeletionPolicy = Literal["Retain", "Delete", "Merge"]
TemplateMergePolicy = Literal["Replace", "Merge"]
TemplateTarget = Literal["Data", "Annotations", "Labels"]
TemplateScope = Literal["Values", "KeysAndValues"]

SHARED: tuple[CreationPolicy, ...] = ("Merge", "CreateOrMerge")
"""With these the Secret is somebody else's too: we own nothing but our keys in it."""


SERVICE_ACCOUNT_TYPE = "kubernetes.io/service-account-token"
SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name"
_BOOTSTRAP_TYPE = "bootstrap.kubernetes.io/token"


@dataclass(frozen=True)
class TemplateItem(Declaration):
    """One template text in a ConfigMap or Secret (ESO: `templateFrom[].configMap.items[]`).

    Attributes:
        key: key of the text; with `Values` also the key that the rendered text gets.
        template_as: `Values`: the text is one value; `KeysAndValues`: it renders to YAML with keys and values.
    """

    key: str
    template_as: TemplateScope = "Values"

    def __post_init__(self) -> None:
        self.check()


@dataclass(frozen=True)
class TemplateSource(Declaration):
    """More templates (ESO: `templateFrom[]`): a literal, or items of a ConfigMap or a Secret in the Secret's namespace.

    Attributes:
        literal: a text that renders to YAML with keys and values.
        config_map: name of a ConfigMap.
        secret: name of a Secret.
        items: which of its texts.
        target: what the result is for.
        values_decoding_strategy: how rendered values are encoded (ESO: `valuesDecodingStrategy`).
    """

    literal: AnyText | None = field(default=None, repr=False)
    config_map: ObjectName | None = None
    secret: ObjectName | None = None
    items: Sequence[TemplateItem] = ()
    target: TemplateTarget = "Data"
    values_decoding_strategy: DecodingStrategy = "None"

    def __post_init__(self) -> None:
        check_choice("templateFrom.target", self.target, get_args(TemplateTarget))
        check_choice("valuesDecodingStrategy", self.values_decoding_strategy, get_args(DecodingStrategy))
        given = [each for each in (self.literal, self.config_map, self.secret) if each is not None]
        if len(given) != 1:
            raise SpecError("templateFrom needs exactly one of literal, configMap and secret in each entry")
        if self.literal is not None and self.items:
            raise SpecError("templateFrom: items are of a ConfigMap or Secret, and literal has none; leave them out")
        if self.literal is None and not self.items:
            raise SpecError("templateFrom: name at least one item of the ConfigMap or Secret")

    @classmethod
    def all_from_bag(cls, bag: Mapping[str, Any]) -> tuple[Self, ...]:
        """The sources out of a property bag, in the order in which ESO goes through one entry."""
        target = str(bag.get("target") or "Data")
        target = {each.lower(): each for each in get_args(TemplateTarget)}.get(target.lower(), target)
        rest: dict[str, Any] = {
            "target": target,
            "values_decoding_strategy": bag.get("valuesDecodingStrategy") or "None",
        }
        sources: list[Self] = []
        for field_name, parameter in (("configMap", "config_map"), ("secret", "secret")):
            if (named := bag.get(field_name)) is not None:
                items = tuple(map(TemplateItem.from_bag, named["items"]))
                sources.append(cls(**{parameter: named["name"]}, items=items, **rest))
        if bag.get("literal") is not None or not sources:
            sources.append(cls(literal=bag.get("literal"), **rest))
        return tuple(sources)

    def to_bag(self) -> dict[str, Any]:
        """The source as it is stored; what is as by default is left out."""
        bag: dict[str, Any] = {"target": self.target, "valuesDecodingStrategy": self.values_decoding_strategy}
        bag = {key: value for key, value in bag.items() if value not in ("Data", "None")}
        if self.literal is not None:
            return {**bag, "literal": self.literal}
        named = {"name": self.config_map or self.secret, "items": [each.to_bag() for each in self.items]}
        return {**bag, "configMap" if self.config_map is not None else "secret": named}


@dataclass(frozen=True)
class Template(Declaration, Generic[Text]):
    """How the Secret is made of what was read (ESO: `target.template`, engineVersion v2); see docs/templates.md.

    Templates are rendered where values are read, never in the program.

    Attributes:
        data: key -> template.
        template_from: further templates, which `data` goes before: literals, or texts in ConfigMaps and Secrets of the
            Secret's namespace.
        labels: label -> template of its value.
        annotations: annotation -> template of its value.
        finalizers: finalizers of the Secret.
        type: type of the Secret, such as `kubernetes.io/dockerconfigjson`; default: the one it has, `Opaque` for a new
            one. A change of it deletes the Secret and creates it again.
        merge_policy: `Merge` keeps the keys that were read beside those of `data`; `Replace`, the default, does not.
    """

    PLACE: ClassVar[str] = "template."

    data: Texts[Text] = field(default_factory=dict, repr=False)
    template_from: Sequence[TemplateSource] = ()
    labels: Annotated[Texts[Text], Named("metadata.labels")] = field(default_factory=dict, repr=False)
    annotations: Annotated[Texts[Text], Named("metadata.annotations")] = field(default_factory=dict, repr=False)
    finalizers: Annotated[Sequence[str], Named("metadata.finalizers")] = ()
    type: str | None = None
    merge_policy: TemplateMergePolicy = "Replace"

    def check(self) -> None:
        """Check the choices, and that no token for the cluster's API would be made, which ESO refuses too."""
        super().check()
        if self.type == _BOOTSTRAP_TYPE:
            raise SpecError(f"template.type {self.type!r} is not allowed: such a Secret lets nodes join the cluster")
        if self.type == SERVICE_ACCOUNT_TYPE and (
            SERVICE_ACCOUNT_NAME in self.annotations or any(each.target == "Annotations" for each in self.template_from)
        ):
            raise SpecError(
                f"template.type {self.type!r} with annotation {SERVICE_ACCOUNT_NAME!r}, or with templateFrom for "
                "annotations, is not allowed: Kubernetes would put a token of that account into the Secret"
            )

    @property
    def keeps_what_was_read(self) -> bool:
        """Whether the keys that were read are keys of the Secret too."""
        return self.merge_policy == "Merge" or not (self.data or self.template_from)

    def to_bag(self) -> dict[str, Any]:
        """The template as it is stored; a template without anything still is one."""
        return super().to_bag() or {"engineVersion": "v2"}

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any], **given: Any) -> Self:
        """The template out of a property bag."""
        if (version := bag.get("engineVersion") or "v2") != "v2":
            raise SpecError(f"template.engineVersion {version!r} is not known; write v2")
        sources = (source for entry in bag.get("templateFrom") or () for source in TemplateSource.all_from_bag(entry))
        return super().from_bag(bag, template_from=tuple(sources), **given)


@dataclass(frozen=True)
class Target(Declaration, Generic[Text]):
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

    PLACE: ClassVar[str] = "target."

    name: Annotated[Text | None, Elsewhere()] = None
    creation_policy: CreationPolicy = "Owner"
    deletion_policy: DeletionPolicy = "Retain"
    immutable: bool = False
    replace_immutable: bool = False
    adopt: bool = False
    labels: Texts[Text] = field(default_factory=dict)
    annotations: Texts[Text] = field(default_factory=dict)
    template: Template[Text] | None = None

    def check(self) -> None:
        """Check the choices, and that policies go together, of the template too; see `Declaration.check`."""
        if self.template:
            self.template.check()
        super().check()
        if self.deletion_policy == "Delete" and self.creation_policy not in ("Owner", "Orphan"):
            raise SpecError(
                f"deletionPolicy Delete does not go with creationPolicy {self.creation_policy}: "
                "the Secret is not ours to delete; write Retain or Merge"
            )
        if self.deletion_policy == "Merge" and self.creation_policy == "None":
            raise SpecError("deletionPolicy Merge does not go with creationPolicy None, which writes no Secret")
        if self.replace_immutable and not self.immutable:
            raise SpecError("replace_immutable is for an immutable Secret; set immutable too, or leave it out")

    @property
    def shared(self) -> bool:
        """Whether the Secret is somebody else's too."""
        return self.creation_policy in SHARED

    @property
    def skips_missing(self) -> bool:
        """Whether a parameter that is gone is no error (ESO: deletionPolicy Delete and Merge)."""
        return self.deletion_policy != "Retain"

    def plain_keys(self, read: Collection[str] | None) -> frozenset[str] | None:
        """The Secret's keys; None where `read`, or what a template takes from elsewhere, is not known."""
        template = self.template
        if read is None or (template and template.template_from):
            return None
        keys = frozenset(read) if template is None or template.keeps_what_was_read else frozenset[str]()
        return keys | frozenset(template.data if template else ())
