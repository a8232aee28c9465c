"""Rules for parameters and secrets of AWS that the program itself declares."""

from .names import SECRET_WORDS, is_listed, looks_secret
from .resource import PARAMETER, Finding, Found, Resource, Unknown, unknown
from .rule import Config, ResourceRule, Setting

SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"  # noqa: S105 - a type
_PLAIN = ("String", "StringList")
_IN_STATE = {PARAMETER: ("value", "insecureValue"), SECRET_VERSION: ("secretString", "secretBinary")}
_INSTEAD = {PARAMETER: "valueWo", SECRET_VERSION: "secretStringWo"}
WORDS = {
    "words": Setting("words of a name that tell a secret, in lower case, with hyphens between them", [*SECRET_WORDS])
}


def _type(resource: Resource, config: Config) -> Found:
    kind, name = resource.props.get("type"), resource.props.get("name")
    names = [resource.name, name] if isinstance(name, str) else [resource.name]
    if is_listed(resource.name, config["allow"]) or not any(looks_secret(each, config["words"]) for each in names):
        return
    yield from unknown(kind)
    if kind in _PLAIN:
        yield Finding(f"type is {kind}, and its name tells that a secret is in it; write SecureString")


def _value_in_state(resource: Resource, config: Config) -> Found:
    if is_listed(resource.name, config["allow"]):
        return
    kind = resource.props.get("type")
    if resource.type == PARAMETER and kind in _PLAIN:
        return
    if isinstance(kind, Unknown):
        yield kind
        return
    for name in _IN_STATE[resource.type]:
        if resource.props.get(name) is not None:
            yield Finding(
                f"{name} is given, so that the value is in Pulumi's state; write {_INSTEAD[resource.type]} instead"
            )


RULES = (
    ResourceRule(
        name="parameter-type",
        says="A parameter whose name tells a secret is a SecureString.",
        level="mandatory",
        severity="high",
        steps="Write type=SecureString. If no secret is in it, give it another name, or list the resource in `allow`.",
        settings={
            **WORDS,
            "allow": Setting("names of resources that hold no secret; `*` and `?` stand for others", []),
        },
        types=frozenset({PARAMETER}),
        check=_type,
    ),
    ResourceRule(
        name="parameter-value-in-state",
        says="The value of a secret is not in Pulumi's state.",
        level="advisory",
        severity="medium",
        steps="Write the value with value_wo or secret_string_wo, which Pulumi does not keep, or put it there outside "
        "of Pulumi.",
        settings={"allow": Setting("names of resources that may; `*` and `?` stand for others", [])},
        types=frozenset(_IN_STATE),
        check=_value_in_state,
    ),
)
