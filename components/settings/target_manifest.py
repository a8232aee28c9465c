"""Reads an ExternalSecret's `target` in the words of ESO's manifests, with its template."""

from collections.abc import Mapping
from typing import Any

from ..arguments.target import Target, Template
from ..core.spec.config_fields import Fields
from ..core.spec.target_specs import TargetSpec, TemplateSource
from ..errors import SpecError

_UNSUPPORTED = {"manifest": "only Secrets are written; leave it out, or make that object in your program"}
_FIELDS = ("name", "creationPolicy", "deletionPolicy", "immutable", "template", *_UNSUPPORTED)
_OWN_FIELDS = ("adopt", "replaceImmutable", "labels", "annotations")


def read_target(fields: Fields | None, *, own: bool, looks: Mapping[str, Any]) -> Target:
    """Read a target, taking all of its fields.

    Args:
        fields: the `target`; None where there is none.
        own: whether it may have the fields that ESO does not know: `adopt`, `replaceImmutable`, `labels` and
            `annotations`.
        looks: arguments of `Target` that come from elsewhere; its labels and annotations count only where there is no
            template, as in ESO.

    Raises:
        SpecError: a field is not what it should be, or fields do not go together; the text names them.
    """
    if fields is None:
        return Target(**looks)
    fields.only(*_FIELDS, *(_OWN_FIELDS if own else ()))
    fields.refuse(_UNSUPPORTED)
    template = fields.mapping("template")
    given: dict[str, Any] = {
        "name": fields.optional_text("name") or None,
        "creation_policy": fields.optional_text("creationPolicy") or "Owner",
        "deletion_policy": fields.optional_text("deletionPolicy") or "Retain",
        "immutable": fields.flag("immutable"),
        **({key: value for key, value in looks.items() if key not in ("labels", "annotations")} if template else looks),
        "template": _template(template) if template else None,
    }
    if own:
        given |= {
            "adopt": fields.flag("adopt"),
            "replace_immutable": fields.flag("replaceImmutable"),
            "labels": fields.pairs("labels"),
            "annotations": fields.pairs("annotations"),
        }
    fields.end()
    target = Target(**given)
    fields.placed(TargetSpec.from_bag, target.to_bag())
    return target


def _template(fields: Fields) -> Template:
    fields.only("engineVersion", "type", "metadata", "data", "templateFrom", "mergePolicy")
    version = fields.optional_text("engineVersion") or "v2"
    if version != "v2":
        raise SpecError(f"{fields.where}.engineVersion: {version!r} is not supported; write its templates for v2")
    metadata = fields.mapping("metadata")
    if metadata:
        metadata.only("labels", "annotations", "finalizers")
    template = Template(
        data=fields.pairs("data"),
        template_from=tuple(source for each in fields.entries("templateFrom") for source in _sources(each)),
        labels=metadata.pairs("labels") if metadata else {},
        annotations=metadata.pairs("annotations") if metadata else {},
        finalizers=metadata.texts("finalizers") if metadata else (),
        type=fields.optional_text("type") or None,
        merge_policy=fields.optional_text("mergePolicy") or "Replace",  # type: ignore[arg-type]  # TargetSpec checks it
    )
    if metadata:
        metadata.end()
    fields.end()
    return template


def _sources(fields: Fields) -> tuple[TemplateSource, ...]:
    fields.only("literal", "target", "valuesDecodingStrategy", "configMap", "secret")
    bag: dict[str, Any] = {name: fields.optional_text(name) for name in ("target", "valuesDecodingStrategy")}
    bag["literal"] = fields.optional_text("literal", may_be_empty=True)
    for name in ("configMap", "secret"):
        named = fields.mapping(name)
        if named:
            named.only("name", "items")
            bag[name] = {"name": named.text("name"), "items": [_item(each) for each in named.entries("items")]}
            named.end()
    fields.end()
    return fields.placed(TemplateSource.all_from_bag, bag)


def _item(fields: Fields) -> dict[str, str | None]:
    fields.only("key", "templateAs")
    item = {"key": fields.text("key"), "templateAs": fields.optional_text("templateAs")}
    fields.end()
    return item
