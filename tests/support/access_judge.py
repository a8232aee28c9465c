"""Whether the rows of an access map are true, by the sandbox's authoriser, which knows nothing of the map."""

import json
from collections.abc import Iterator, Mapping, Sequence

from components.core.access.access_map import AccessMap
from components.core.access.stack_state import mappings
from components.core.service import FIND
from sandbox.aws.iam.evaluation import Held, Question, decide
from tests.support.access_stacks import StorePlan

Tags = Mapping[str, str]


def can_read(held: Held, arn: str, tags: Tags) -> bool:
    """Whether a role that is held to its policies can read a parameter that has these tags, in any way."""
    context = {f"aws:resourcetag/{key.lower()}": [value] for key, value in tags.items()}
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


def untrue(stores: Sequence[StorePlan], found: AccessMap) -> Iterator[str]:
    """What a map says that is not so, and what it leaves out."""
    every: list[Tags] = [{}, *_tags(stores)]
    held = {store.name: Held([json.loads(each) for each in store.documents]) for store in stores}
    for parameter in found.parameters:
        for store in stores:
            role = f"role/{store.name}-4f2a91c"
            rows = [each for each in parameter.readers if each.identity.endswith(role)]
            for tags in every:
                said = any(_holds(each.condition, tags) for each in rows)
                if said is not can_read(held[store.name], parameter.arn, tags):
                    yield f"{store.name}: {parameter.name} with {tags}: said {said}"
    told = {(each.secret, each.key, each.store, each.property, each.version) for each in found.deliveries}
    for store in stores:
        for secret, where in ((each, place) for each in store.secrets for place in each.places):
            for key, bag in secret.data.items():
                row = (where, key, store.name, bag.get("property", ""), str(bag.get("version", "")))
                if row not in told:
                    yield f"no row for {row}"
                told.discard(row)
            told -= {(where, f"dataFrom[{at}].find", store.name, "", "") for at in range(len(secret.finds))}
    if told:
        yield f"rows for nothing: {told}"


def _tags(stores: Sequence[StorePlan]) -> list[Tags]:
    finds = [json.loads(each.removeprefix(FIND)) for store in stores for each in store.sources if each.startswith(FIND)]
    return [each["tags"] for each in mappings(finds) if each.get("tags")]


def _holds(condition: str, tags: Tags) -> bool:
    wanted = [each.split(" StringEquals ") for each in condition.split(" and ")] if condition else []
    lowered = {key.lower(): value for key, value in tags.items()}
    return all(lowered.get(key.removeprefix("aws:ResourceTag/").lower()) == value for key, value in wanted)
