"""Reads an ExternalSecret's `target` in the words of ESO's manifests, with its template."""

from collections.abc import Mapping
from typing import Any

from ..arguments.target import Target, Template, TemplateSource
from ..core.spec.config_fields import Fields
from ..errors import SpecError
from .own_annotations import NO_TARGET_FIELDS

_UNSUPPORTED = {"manifest": "only Secrets are written; leave it out, or make that object in your program"}


def read_target(fields: Fields | None, *, own: bool, looks: Mapping[str, Any]) -> Target:
    """Read a target, taking all of its fields.

    Args:
        fields: the `target`; None where there is none.
        own: whether it may have the fields that ESO does not know: `adopt`, `replaceImmutable`, `labels` and
            `annotations`.
        looks: arguments of `Target` that come from elsewhere; its labels and annotations count only where there is no
            template, as in ESO.
    """
    if fields is None:
        return Target(**looks)
    given: dict[str, Any] = {} if own else dict.fromkeys(("adopt", "replace_immutable"), False)
    given |= {} if own else {"labels": {}, "annotations": {}}
    refused = _UNSUPPORTED if own else {**_UNSUPPORTED, **NO_TARGET_FIELDS}
    Target.only(fields, "name", *refused, without=given)
    fields.refuse(refused)
    given["name"], template = fields.optional_text("name"), fields.mapping("template")
    given["template"] = read_template(template) if template else None
    given |= {key: value for key, value in looks.items() if not template or key not in ("labels", "annotations")}
    target = Target.read(fields, **given)
    fields.placed(target.check)
    return target


def read_template(fields: Fields) -> Template:
    """A template, all of whose fields are taken.

    Raises:
        SpecError: a field is not what it should be; the text names it.
    """
    Template.only(fields, "engineVersion")
    version = fields.optional_text("engineVersion") or "v2"
    if version != "v2":
        raise SpecError(f"{fields.where}.engineVersion: {version!r} is not supported; write its templates for v2")
    sources = tuple(source for each in fields.entries("templateFrom") for source in _sources(each))
    return Template.read(fields, template_from=sources)


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
