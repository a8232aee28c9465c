"""No dataclass shows in its `repr` what can be a value or a credential: a `repr` ends in tracebacks and logs."""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator

import components
from components.core.secret_value import Secret
from components.core.spec.target_specs import Template, TemplateSource
from components.golang.templates.syntax_tree import Constant, Text
from components.golang.templates.variables import Bound

# Kinds that hold what was read, rendered or sent, and names of fields that hold credentials, whatever their kind.
KINDS = re.compile(r"\b(bytes|Any|object|Value|TemplateTexts)\b")
NAMES = re.compile(
    r"(\w+_)?(token|password|secret_access_key|access_key_id|fallback|env|command|args|kubeconfig|proxy|server|ca_pem|chain"
    r"|certificate|body|bag|texts?|values?|message|external_id|data|cleanup|literal|install_hint)"
)
SHOWS_NOTHING = {
    "AccessKeyAuth.access_key_id": "names of a Secret and of a key in it",
    "AccessKeyAuth.secret_access_key": "the same",
    "AccessKeyAuth.session_token": "the same",
    "AccessKeys.access_key_id": "a Secret",
    "AccessKeys.secret_access_key": "a Secret",
    "AccessKeys.session_token": "a Secret",
    "Parameter.value": "a Secret",
    "Item.value": "a Secret",
    "Credential.certificate": "its own repr is empty",
    "TokenFile.certificate": "its own repr is empty",
    "WebIdentity.token": "a function",
    "Cause.text": "one of our own words",
    "Write.message": "one of our own sentences",
    "Row.message": "one of our own sentences",
    "ReadProblem.message": "one of our own sentences",
    "Marks.texts": "the name of an annotation",
    "Block.body": "its own repr is empty",
    "Got.values": "Secrets",
    "Found.value": "its own repr is empty",
    "Query.value": "a part of a property path, as the user wrote it",
    "SecretSpec.data": "references",
    "SecretConfig.data": "references",
    "LabelRequirement.values": "labels that a namespace must have",
    "PemBlock.kind": "a word such as CERTIFICATE",
    "Owner.text": "a URN",
    "Use.part": "which part of a value is wanted, as the user wrote it",
    "RunnerSpec.token": "a Secret",
    "Reason.text": "one of our own sentences",
    "Field.kind": "a type",
    "Field.default": "what stands for a field that is left out",
    "_Bound.value": "what kind of a value is known, never the value",
}


def dataclasses_of_the_library() -> Iterator[type]:
    for module in pkgutil.walk_packages(components.__path__, "components."):
        if not module.name.endswith("__main__"):
            for found in vars(importlib.import_module(module.name)).values():
                if isinstance(found, type) and dataclasses.is_dataclass(found) and found.__module__ == module.name:
                    yield found


def shown_fields(kind: type) -> Iterator[str]:
    """The fields of a dataclass that its repr shows and that can hold a value."""
    for field in dataclasses.fields(kind):
        annotation = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", str(field.type))
        suspected = KINDS.search(annotation) or (NAMES.fullmatch(field.name) and "bool" not in annotation)
        if field.repr and suspected:
            yield f"{kind.__name__}.{field.name}"


def test_no_dataclass_shows_what_can_be_a_value() -> None:
    found = {name for kind in dataclasses_of_the_library() for name in shown_fields(kind)}
    assert len(list(dataclasses_of_the_library())) > 80
    assert found == SHOWS_NOTHING.keys()


def test_what_holds_a_value_shows_none_of_it() -> None:
    holders = [
        Template(data={"url": "s3cr3t"}, labels={"a": "s3cr3t"}),
        TemplateSource(literal="s3cr3t"),
        Constant(0, b"s3cr3t"),
        Text(0, b"s3cr3t"),
        Bound("$x", b"s3cr3t"),
        Secret("s3cr3t"),
    ]
    assert "s3cr3t" not in repr(holders)
