"""Minimality by mutation: with the generated policy everything works, and without any one grant something fails."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.clients.aws.rate_limit import RateLimiters
from components.clients.aws.readers import open_access
from components.clients.aws.ssm.reader import ParameterReader
from components.core.iam import CustomerKey, Grant, Need, grants, policy_json
from components.core.secret_value import Secret
from components.core.spec.store_identity import AccessKeys, StoreIdentity
from components.core.ssm import PARAMETER_STORE
from components.core.ssm.permissions import ParameterNeed, PathNeed, PushNeed, TagsNeed, need_of
from components.core.ssm.references import path_of
from components.core.ssm.sources import Find, TagsOf
from sandbox.aws import AwsApi
from sandbox.aws.iam.evaluation import Held, Question, decide
from sandbox.aws.iam.needs import required
from sandbox.aws.iam.permission import Permission
from sandbox.aws.iam.state import State
from sandbox.aws.request import AwsRequest
from tests.support.roles import allow, create_role
from tests.unit.iam.support import NAMES, NEEDS, PLACE

RATE = 100_000.0
NOTHING = {"Effect": "Deny", "Action": "*", "Resource": "*"}
MANAGED = (("managed-by", "external-secrets"),)
TAGS = [{"Key": key, "Value": value} for key, value in MANAGED]


@pytest.fixture(scope="module")
def aws() -> Iterator[AwsApi]:
    with AwsApi(PLACE.region) as running:
        yield running


@pytest.fixture(scope="module")
def keys(aws: AwsApi) -> list[str]:
    return [aws.client("kms").create_key()["KeyMetadata"]["Arn"] for _ in range(2)]


@pytest.fixture(scope="module")
def reader(aws: AwsApi, keys: list[str]) -> ParameterReader:
    """The product's own reader, as a role whose policy the tests write."""
    role = create_role(aws, "reader")
    base = AccessKeys(Secret("AKIASANDBOX000000000"), Secret("x"))
    environ = {"AWS_SSM_ENDPOINT": aws.url, "AWS_STS_ENDPOINT": aws.url}
    identity = StoreIdentity(PLACE.region, role=role)
    made = open_access(
        PARAMETER_STORE, identity, base, limiters=RateLimiters(), requests_per_second=RATE, environ=environ
    ).reader
    assert len(keys) == 2
    assert isinstance(made, ParameterReader)
    return made


def write(aws: AwsApi, names: Sequence[str], key_of: dict[str, str], tags: Sequence[dict[str, str]] = ()) -> None:
    """Have each parameter, under its key, with one version that has the label `prod`."""
    ssm = aws.client("ssm")
    for name in names:
        under: dict[str, Any] = {"KeyId": key_of[name]} if name in key_of else {}
        aws.put_parameter(name, "v", **under)
        ssm.label_parameter_version(Name=name, Labels=["prod"])
        if tags:
            ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=list(tags))


def hold_to(aws: AwsApi, allowed: Sequence[Grant]) -> None:
    """Give the reader's role just these grants."""
    allow(aws, "reader", *(json.loads(policy_json(allowed))["Statement"] or [NOTHING]))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_reader_needs_every_grant(
    aws: AwsApi, keys: list[str], reader: ParameterReader, data: st.DataObject
) -> None:
    names = data.draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    key_of = {name: key for name in names if (key := data.draw(st.sampled_from([None, *keys])))}
    references = [name + data.draw(st.sampled_from(["", ":1", ":prod"])) for name in names]
    aws.client("ssm").delete_parameters(Names=names)
    write(aws, names, key_of)
    customer = [CustomerKey(key, tuple(each for each in names if key_of.get(each) == key)) for key in keys]
    allowed = grants(PLACE, [ParameterNeed(each) for each in references], customer)
    hold_to(aws, allowed)
    assert reader.read(references, decrypt=True).problems == {}
    for removed in allowed:
        hold_to(aws, [each for each in allowed if each != removed])
        assert reader.read(references, decrypt=True).problems != {}, f"nothing needs {removed}"


@st.composite
def sources(draw: st.DrawFn, names: Sequence[str]) -> str:
    """Something that a store is asked for, which comes to one of the parameters at least."""
    name = draw(st.sampled_from(names))
    path = name.rpartition("/")[0]
    slash = draw(st.sampled_from(["", "/"]))
    return draw(
        st.sampled_from(
            [
                name,
                f"{name}:1",
                f"{name}:prod",
                str(TagsOf(name)),
                str(Find(f"{path}{slash}" or None, ".*")),
                str(Find(None, None, MANAGED)),
                str(Find(path or None, ".*", MANAGED)),
            ]
        )
    )


def whole(reader: ParameterReader, wanted: Sequence[str], *, decrypt: bool) -> bool:
    """Whether everything is read, together and, as by a targeted update, alone, and each find comes to something."""
    batches = [reader.read(sources, decrypt=decrypt) for sources in (wanted, *([each] for each in wanted))]
    return all(batch.problems == {} and all(batch.listings.values()) for batch in batches)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_reader_needs_every_grant_for_whatever_it_is_asked(
    aws: AwsApi, keys: list[str], reader: ParameterReader, data: st.DataObject
) -> None:
    """`up` works with just the sources' grants, preview with no right to decrypt among them."""
    stored = aws.client("ssm").describe_parameters()["Parameters"]
    for each in stored:
        aws.client("ssm").delete_parameter(Name=each["Name"])
    names = data.draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    # Finds by path, and by tags, come to parameters of their own; else their grants and those of names could stand for
    # one another.
    paths = {name.rpartition("/")[0] for name in names}
    for last, tags in (("below", ()), ("tagged", TAGS)):
        found = sorted({f"{path}/{last}" for path in paths})
        write(aws, found, dict.fromkeys(found, keys[0]), tags)
    write(aws, names, dict.fromkeys(names, keys[0]))
    wanted = data.draw(st.lists(sources(names), min_size=1, max_size=3, unique=True))
    allowed = grants(PLACE, [need_of(each) for each in wanted], [CustomerKey(keys[0])])

    hold_to(aws, allowed)
    assert whole(reader, wanted, decrypt=True)
    hold_to(aws, [each for each in allowed if not each.action.startswith("kms:")])
    assert whole(reader, wanted, decrypt=False)
    for removed in allowed:
        hold_to(aws, [each for each in allowed if each != removed])
        assert not whole(reader, wanted, decrypt=True), f"nothing needs {removed}"


def calls(need: Need, key: str | None) -> list[AwsRequest]:
    """What is called for a need."""

    def ask(operation: str, **parameters: Any) -> AwsRequest:
        return AwsRequest("ssm", operation, parameters, PLACE.region)

    match need:
        case ParameterNeed():
            found = [ask("GetParameters", Names=[need.reference], WithDecryption=True)]
            return [*found, *([ask("ListTagsForResource", ResourceId=path_of(need.reference))] if need.tags else [])]
        case PathNeed():
            return [ask("GetParametersByPath", Path=need.path, Recursive=need.recursive, WithDecryption=True)]
        case TagsNeed():
            name = f"{need.path or ''}/tagged"
            return [ask("DescribeParameters"), ask("GetParameters", Names=[name], WithDecryption=True)]
        case PushNeed():
            secure = {"Name": need.name, "Type": "SecureString", **({"KeyId": key} if key else {})}
            tiers = [*(["Standard"] if need.standard else []), *(["Advanced"] if need.advanced else [])]
            return [
                ask("GetParameters", Names=[need.name], WithDecryption=need.compares),
                ask("DescribeParameters"),
                *(ask("PutParameter", **secure, Tier=tier, Tags=TAGS) for tier in tiers),
                ask("ListTagsForResource", ResourceId=need.name),
                ask("RemoveTagsFromResource", ResourceId=need.name, TagKeys=["x"]),
                *([ask("DeleteParameter", Name=need.name)] if need.deletes else []),
            ]
    raise TypeError(need)


def denied(allowed: Sequence[Grant], permissions: Sequence[Permission]) -> list[Permission]:
    """What the grants' policy does not allow."""
    held = Held([json.loads(policy_json(allowed))])
    return [
        each for each in permissions if not decide(held, Question(each.action, each.resource, each.context)).allowed
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_kind_needs_every_grant_and_no_neighbour_gets_one(
    aws: AwsApi, keys: list[str], data: st.DataObject
) -> None:
    need = data.draw(NEEDS)
    key = data.draw(st.sampled_from([None, keys[0]]))
    aws.reset()
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"] if key else None
    match need:
        case ParameterNeed():
            names, tags = [path_of(need.reference)], TAGS
        case PathNeed():
            names, tags = [f"{need.path}/child"], TAGS
        case TagsNeed():
            names, tags = (
                [f"{need.path or ''}/tagged"],
                [{"Key": name, "Value": value} for name, value in need.tags.items()],
            )
        case PushNeed():
            names, tags = [need.name], TAGS
        case _:
            raise TypeError(need)
    write(aws, names, dict.fromkeys(names, key) if key else {}, tags)
    permissions = [each for call in calls(need, key) for each in required(call, PLACE.account, State())]
    allowed = grants(PLACE, [need], [CustomerKey(key)] if key else [])
    assert denied(allowed, permissions) == []
    for removed in allowed:
        assert denied([each for each in allowed if each != removed], permissions), f"nothing needs {removed}"

    wanted = {(each.action, each.resource) for each in permissions}
    for permission in neighbours(permissions):
        if (permission.action, permission.resource) not in wanted:
            assert denied(allowed, [permission]), f"{permission} is nobody's need"


def neighbours(permissions: Sequence[Permission]) -> Iterator[Permission]:
    """Calls near to those that are needed: other verbs, siblings, parents, children, other keys and regions."""
    verbs = ("GetParameter", "GetParameters", "GetParameterHistory", "GetParametersByPath", "PutParameter")
    for each in permissions:
        if each.action == "ssm:DescribeParameters":
            continue  # AWS knows no resource for it but all
        yield from (Permission(f"ssm:{verb}", each.resource) for verb in (*verbs, "DeleteParameters"))
        untagged = {name: value for name, value in each.context.items() if "resourcetag" not in name}
        for resource in (f"{each.resource}-x", f"{each.resource}/x", each.resource.rpartition("/")[0]):
            yield Permission(each.action, resource, untagged)
        yield Permission(each.action, each.resource.replace(PLACE.region, "us-east-1"), each.context)
        yield Permission(each.action, each.resource.replace(PLACE.account, "999999999999"), each.context)
        if each.action.startswith("kms:"):
            yield Permission(each.action, f"{each.resource}x", each.context)
            for name in each.context:
                if name != "kms:calleraccount":
                    yield Permission(each.action, f"{each.resource}", {**each.context, name: ["other"]})
