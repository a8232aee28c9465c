"""Whether the rows of an access map are true, by the sandbox's authoriser, which knows nothing of the map."""

import json
from collections.abc import Iterator, Mapping, Sequence

from components.core.access.access_map import AccessMap
from components.core.access.stack_state import mappings
from components.core.service import FIND
from sandbox.aws.iam.evaluation import Held, Question, decide
from tests.support.access_stacks import MANAGER, PINS, VERSION, StorePlan

Tags = Mapping[str, str]
_STAGES = ["AWSCURRENT", *(each for each in PINS[MANAGER] if "/" not in each)]
_HOWS = [*({"secretsmanager:versionstage": [each]} for each in _STAGES), {"secretsmanager:versionid": [VERSION]}]


def can_read(held: Held, arn: str, tags: Tags) -> bool:
    """Whether a role that is held to its policies can read a parameter or secret that has these tags, in any way."""
    context = {f"aws:resourcetag/{key.lower()}": [value] for key, value in tags.items()}
    if ":secretsmanager:" in arn:
        secret = arn.replace("-??????", "-AbC123")
        return any(
            decide(held, Question("secretsmanager:GetSecretValue", secret, {**context, **how})).allowed for how in _HOWS
        )
    if decide(held, Question("ssm:GetParameters", arn, context)).allowed:
        return True
    base, _, path = arn.partition(":parameter")
    levels = path.split("/")[1:-1]
    above = ["/".join(["", *levels[:count]]) for count in range(len(levels) + 1)]
    return any(
        decide(
            held, Question("ssm:GetParametersByPath", f"{base}:parameter{each}", {"ssm:recursive": ["true"]})
        ).allowed
        for path in above
        for each in (path, f"{path}/")
        if each
    )


def can_write(held: Held, arn: str) -> bool:
    """Whether a role can create a parameter or secret, and write a new value of it."""
    actions = ("CreateSecret", "PutSecretValue") if ":secretsmanager:" in arn else ("PutParameter",)
    service = arn.split(":")[2]
    secret = arn.replace("-??????", "-AbC123")
    return all(decide(held, Question(f"{service}:{each}", secret)).allowed for each in actions)


def untrue(stores: Sequence[StorePlan], found: AccessMap) -> Iterator[str]:
    """What a map says that is not so, and what it leaves out."""
    every: list[Tags] = [{}, *_tags(stores)]
    held = {store.name: Held([json.loads(each) for each in store.documents]) for store in stores}
    written = {(each.store, each.parameter) for each in found.pushes}
    for parameter in found.parameters:
        for store in stores:
            role = f"role/{store.name}-4f2a91c"
            rows = [each for each in parameter.readers if each.identity.endswith(role)]
            for tags in every:
                said = any(_holds(each.condition, tags) for each in rows)
                if said is not can_read(held[store.name], parameter.arn, tags):
                    yield f"{store.name}: {parameter.name} with {tags}: said {said}"
            if ((store.name, parameter.arn) in written) is not can_write(held[store.name], parameter.arn):
                yield f"{store.name}: {parameter.name} is written by others than it is said to"
    yield from _compared(_deliveries(stores), {_row(each) for each in found.deliveries if not each.find})
    yield from _compared(_pushes(stores), {_row(each) for each in found.pushes})


def _row(each: object) -> tuple[str, ...]:
    names = ("secret", "key", "parameter", "store", "property", "version", "kind")
    return tuple(str(getattr(each, name)) for name in names if hasattr(each, name))


def _compared(wanted: set[tuple[str, ...]], told: set[tuple[str, ...]]) -> Iterator[str]:
    if wanted - told:
        yield f"no row for {wanted - told}"
    if told - wanted:
        yield f"rows for nothing: {told - wanted}"


def _deliveries(stores: Sequence[StorePlan]) -> set[tuple[str, ...]]:
    return {
        (place, key, _arn(store, bag["key"]), store.name, bag.get("property", ""), str(bag.get("version", "")))
        for store in stores
        for secret in store.secrets
        for place in secret.places
        for key, bag in secret.data.items()
    }


def _pushes(stores: Sequence[StorePlan]) -> set[tuple[str, ...]]:
    return {
        (f"{namespace}/source", "k", _arn(store, name), store.name, push.part, _kind(store, push.metadata))
        for store in stores
        for push in store.sends
        for namespace, name in push.written.items()
    }


def _kind(store: StorePlan, metadata: Mapping[str, object]) -> str:
    return str("string" if store.kind else metadata.get("secretType", "SecureString"))


def _arn(store: StorePlan, name: str) -> str:
    if name.startswith("arn:"):
        return name + ("-??????" if store.kind else "")
    start = (
        "secretsmanager:eu-central-1:123456789012:secret:" if store.kind else "ssm:eu-central-1:123456789012:parameter"
    )
    return f"arn:aws:{start}{name}{'-??????' if store.kind else ''}"


def _tags(stores: Sequence[StorePlan]) -> list[Tags]:
    finds = [json.loads(each.removeprefix(FIND)) for store in stores for each in store.sources if each.startswith(FIND)]
    return [each["tags"] for each in mappings(finds) if each.get("tags")]


def _holds(condition: str, tags: Tags) -> bool:
    wanted = [each.split(" StringEquals ") for each in condition.split(" and ")] if condition else []
    lowered = {key.lower(): value for key, value in tags.items()}
    return all(lowered.get(key.removeprefix("aws:ResourceTag/").lower()) == value for key, value in wanted)
