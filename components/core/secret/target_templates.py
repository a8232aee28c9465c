"""Makes the Secret out of the data that was read: ESO's `target.template`, before anything is written."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ...errors import ExtractError, SpecError, WriteError
from ...golang.templates import Template as GoTemplate
from ...golang.templates import entries, parse
from ..spec.choices import DecodingStrategy
from ..spec.target_specs import Target, Template, TemplateTarget
from . import secret_rules as rules
from .decoding import decode
from .kubernetes_secret import secret_key_problem
from .template_texts import TemplateTexts, text_keys

_NOUNS: Mapping[TemplateTarget, str] = {"Data": "key", "Labels": "label", "Annotations": "annotation"}
TARGETS = "target.template"
"""What errors call a template of an ExternalSecret."""


@dataclass(frozen=True)
class Rendered:
    """The Secret that is to be, but for its name and our own marks; without a type it keeps the one that it has."""

    data: dict[str, bytes] = field(repr=False)
    labels: dict[str, str] = field(repr=False)
    annotations: dict[str, str] = field(repr=False)
    finalizers: tuple[str, ...] = ()
    type: str | None = None


@dataclass(frozen=True)
class _Part:
    """One template of a target; without a `key` the result is YAML, with keys of its own."""

    where: str
    text: str | bytes = field(repr=False)
    target: TemplateTarget
    key: str | None
    decoding: DecodingStrategy = "None"
    confidential: bool = False

    def parsed(self) -> GoTemplate:
        return parse(self.text, self.where, confidential=self.confidential)


def check_templates(
    target: Target[str],
    read: Collection[str] | None = None,
    texts: TemplateTexts = MappingProxyType({}),
    *,
    optional: bool = False,
    confidential: bool = False,
    where: str = TARGETS,
) -> tuple[str, ...]:
    """Check what can be known of a target without any value.

    Args:
        target: the target.
        read: the keys that are going to be read; None where they are not known.
        texts: the template texts in the cluster, as far as they are known.
        optional: some of the keys may be missing, whatever deletionPolicy says.
        confidential: errors quote nothing of the target's own templates either; of texts in Secrets they never do.
        where: what errors call the template.

    Returns:
        The functions in its templates that give another result each time, such as `now`, sorted by name. A Secret with
        one of them would change with every apply, so render again only where something else has changed.

    Raises:
        SpecError: a template cannot be used, or surely fails as it uses a key that is not read; a name of a key, label,
            annotation or finalizer or the value of a label is none that Kubernetes takes; or the Secret would lack what
            its type needs. The text names place and function.
    """
    labels, annotations = dict(target.labels), dict(target.annotations)
    varying: set[str] = set()
    if target.template is not None:
        for part in _parts(target.template, texts, where, known_only=True, confidential=confidential):
            template = part.parsed()
            if read is not None:
                template.check(read, all_there=not (target.skips_missing or optional))
            varying |= template.varying
        labels |= target.template.labels
        annotations |= target.template.annotations
        _raise_first(SpecError, map(secret_key_problem, target.template.data))
        if not target.shared:
            problem = rules.type_keys_problem(target.template.type, target.plain_keys(read))
            _raise_first(SpecError, (problem,), "the Secret cannot be written: ")
    _raise_first(SpecError, (_value_problem(name, text) for name, text in labels.items() if "{{" not in text))
    _raise_first(SpecError, (_name_problem("label", name) for name in labels))
    _raise_first(SpecError, (_name_problem("annotation", name) for name in annotations))
    for name in target.template.finalizers if target.template else ():
        if problem := rules.finalizer_problem(name):
            raise SpecError(f"finalizer {name!r} {problem}")
    return tuple(sorted(varying))


def render_target(
    target: Target[str],
    provided: Mapping[str, bytes],
    texts: TemplateTexts,
    *,
    confidential: bool = False,
    where: str = TARGETS,
) -> Rendered:
    """Make the Secret.

    As in ESO, `templateFrom` goes first, in the order of the list; then `data`; then labels and annotations: what
    comes later takes the place of what was there. `target.labels` and `target.annotations` come before all of them.
    With creation policies that share the Secret, this is our part of it only.

    Args:
        target: what the Secret is to look like.
        provided: what was read, see extraction.py.
        texts: the template texts in the cluster that it names.
        confidential: see `check_templates`.
        where: see `check_templates`.

    Raises:
        TemplateSyntaxError: a text of the cluster is no template that can be used.
        ExtractError: a template fails, or a text is not there.
        WriteError: the API server would refuse the Secret. No text ever holds a value.
    """
    results = _Results(target.labels, target.annotations)
    template = target.template
    if template is None or template.keeps_what_was_read:
        results.data.update(provided)
    if template is not None:
        for part in _parts(template, texts, where, confidential=confidential):
            results.add(part, provided)
    kind = template.type if template else None
    _raise_first(
        WriteError,
        (
            rules.size_problem(results.data),
            rules.annotations_problem(results.annotations),
            rules.type_problem(kind, results.data, complete=not target.shared),
        ),
        "the Secret cannot be written: ",
    )
    return Rendered(
        results.data, results.labels, results.annotations, tuple(template.finalizers) if template else (), kind or None
    )


class _Results:
    """What templates have given so far; each thing is checked as it comes, where its place is still known."""

    def __init__(self, labels: Mapping[str, str], annotations: Mapping[str, str]) -> None:
        self.data: dict[str, bytes] = {}
        self.labels: dict[str, str] = {}
        self.annotations: dict[str, str] = {}
        for name, value in labels.items():
            self._add_text("Labels", name, value.encode(), f"label {name!r}")
        for name, value in annotations.items():
            self._add_text("Annotations", name, value.encode(), f"annotation {name!r}")

    def add(self, part: _Part, provided: Mapping[str, bytes]) -> None:
        """Render a template and put what it gives where it belongs."""
        rendered = part.parsed().render(provided)
        found = {part.key: rendered} if part.key is not None else entries(rendered, part.where)
        for number, (name, value) in enumerate(found.items(), start=1):
            # A name out of a rendered text is not shown: where the text is not what it was meant to be, it is a value.
            shown = repr(name) if part.key is not None else f"number {number}"
            thing = f"{_NOUNS[part.target]} {shown} of template {part.where}"
            try:
                decoded = decode(value, part.decoding)
            except ExtractError as error:
                raise ExtractError(f"{thing}: {error}") from None
            if part.target == "Data":
                if problem := secret_key_problem(name, thing):
                    raise WriteError(problem)
                self.data[name] = decoded
            else:
                self._add_text(part.target, name, decoded, thing)

    def _add_text(self, target: TemplateTarget, name: str, value: bytes, thing: str) -> None:
        try:
            text = value.decode()
        except UnicodeDecodeError:
            raise WriteError(f"{thing} is not UTF-8, which labels and annotations have to be") from None
        problem = rules.qualified_name_problem(name if target == "Labels" else name.lower())
        if target == "Labels":
            problem = problem or rules.label_value_problem(text)
        if problem:
            raise WriteError(f"{thing} {problem}")
        (self.labels if target == "Labels" else self.annotations)[name] = text


def _parts(
    template: Template[str], texts: TemplateTexts, called: str, *, known_only: bool = False, confidential: bool
) -> Iterator[_Part]:
    """All templates in the order in which they are used.

    Raises:
        ExtractError: a text of the cluster is not there, and not only those are wanted that are known.
    """
    for index, source in enumerate(template.template_from):
        where = f"{called}.templateFrom[{index}]"
        if source.literal is not None:
            decoding = source.values_decoding_strategy
            yield _Part(f"{where}.literal", source.literal, source.target, None, decoding, confidential)
        for item, key in zip(source.items, text_keys(source), strict=False):
            place = f"{where} ({key[0]} {key[1]}, key {key[2]})"
            if key not in texts and known_only:
                continue
            if key not in texts:
                raise ExtractError(f"{place}: the {key[0]} has no such key in the Secret's namespace")
            name = item.key if item.template_as == "Values" else None
            secret = key[0] == "Secret"
            yield _Part(place, texts[key], source.target, name, source.values_decoding_strategy, secret)
    named: tuple[tuple[str, TemplateTarget, Mapping[str, str]], ...] = (
        ("data", "Data", template.data),
        ("metadata.labels", "Labels", template.labels),
        ("metadata.annotations", "Annotations", template.annotations),
    )
    for field_name, target, templates in named:
        for name in sorted(templates):
            place = f'{called}.{field_name}["{name}"]'
            yield _Part(place, templates[name], target, name, confidential=confidential)


def _name_problem(noun: str, name: str) -> str | None:
    problem = rules.qualified_name_problem(name if noun == "label" else name.lower())
    return f"{noun} {name!r} {problem}" if problem else None


def _value_problem(label: str, value: str) -> str | None:
    problem = rules.label_value_problem(value)
    return f"label {label!r} {problem}" if problem else None


def _raise_first(
    error: type[SpecError | WriteError], problems: Iterator[str | None] | tuple[str | None, ...], before: str = ""
) -> None:
    for problem in problems:
        if problem:
            raise error(before + problem)
