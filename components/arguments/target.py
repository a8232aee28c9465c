"""The argument of an ExternalSecret that says what its Secret is like; its fields are in core/spec/target_specs.py."""

from ..core.spec import target_specs
from .annotations import Input
from .construction import checks_arguments


@checks_arguments()
class TemplateItem(target_specs.TemplateItem):
    """One template text in a ConfigMap or Secret (ESO: `templateFrom[].configMap.items[]`)."""


@checks_arguments()
class TemplateSource(target_specs.TemplateSource):
    """More templates (ESO: `templateFrom[]`): a literal, or items of a ConfigMap or Secret beside the Secret."""


@checks_arguments()
class Template(target_specs.Template[Input[str]]):
    """How the Secret is made of what was read (ESO: `target.template`, engineVersion v2); see docs/templates.md."""


@checks_arguments(instead={"type": "template=Template(type=...)"})
class Target(target_specs.Target[Input[str]]):
    """The Secret (ESO: `target`)."""
