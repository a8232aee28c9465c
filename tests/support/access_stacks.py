"""Stacks as Pulumi exports them, made from plans of stores, ExternalSecrets and PushSecrets."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from components.core.iam import CustomerKey, Location, Need, grants, shards
from components.core.iam.trust import web_identity
from components.core.service import TAGS_OF
from components.core.spec.entries import Find, Reference
from components.core.ssm import PARAMETER_STORE
from components.core.ssm.permissions import PushNeed

PLACE = Location("aws", "eu-central-1", "123456789012")
ISSUER = "oidc.example.com/id/X"
PROVIDER = f"arn:aws:iam::{PLACE.account}:oidc-provider/{ISSUER}"
KEY = f"arn:aws:kms:{PLACE.region}:{PLACE.account}:key/1"


@dataclass(frozen=True)
class SecretPlan:
    """An ExternalSecret: data by key, and finds; each a property bag. With `wide` a cluster-wide one, for those."""

    name: str
    data: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    finds: Sequence[Mapping[str, Any]] = ()
    namespace: str = "team-a"
    target: Mapping[str, Any] = field(default_factory=dict)
    wide: Sequence[str] = ()

    @property
    def places(self) -> list[str]:
        """Its Secrets, with their namespaces."""
        return [f"{namespace}/{self.name}" for namespace in self.wide or [self.namespace]]

    @property
    def sources(self) -> list[str]:
        """What its store is asked for."""
        named = [Reference.source_in(each) for each in self.data.values()]
        return named + [Find.from_bag({"find": each}).source for each in self.finds]


@dataclass(frozen=True)
class StorePlan:
    """A store that creates its role by IRSA, with what uses it."""

    name: str
    secrets: Sequence[SecretPlan] = ()
    pushes: Sequence[str] = ()
    paths: Sequence[str] = ()
    keys: Sequence[CustomerKey] = ()
    found: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    created: bool = True

    @property
    def sources(self) -> list[str]:
        """What all its ExternalSecrets ask for."""
        return sorted({source for secret in self.secrets for source in secret.sources})

    @property
    def documents(self) -> list[str]:
        """The policies of its role."""
        needs: list[Need] = [PARAMETER_STORE.need(each, "") for each in self.sources]
        needs += [PushNeed(each) for each in self.pushes]
        needs += [PARAMETER_STORE.paths_need(self.paths, everything=True)] if self.paths else []
        made = shards(grants(PLACE, needs, self.keys), managed_policies=100)
        return [each for each in (made.inline, *made.managed) if each]


def state(stores: Sequence[StorePlan]) -> dict[str, Any]:
    """What `pulumi stack export` prints."""
    listed = [each for store in stores for each in _resources(store)]
    return {"version": 3, "deployment": {"manifest": {"time": "2026-11-29T02:00:00Z"}, "resources": listed}}


def urn(kind: str, name: str) -> str:
    """A resource's URN."""
    return f"urn:pulumi:dev::shop::{kind}::{name}"


def _resource(
    kind: str, title: str, parent: str = "", outputs: Mapping[str, Any] | None = None, /, **inputs: Any
) -> dict[str, Any]:
    return {"urn": urn(kind, title), "type": kind, "parent": parent, "inputs": inputs, "outputs": outputs or {}}


def _resources(store: StorePlan) -> list[dict[str, Any]]:
    dynamic = "pulumi-python:dynamic/parameterstore:"
    kind = "parameterstore:index:SecretStore"
    parent = urn(kind, store.name)
    bag = {"region": PLACE.region, "serviceAccountRef": {"namespace": "team-a", "name": store.name}}
    versions = {each: 1 for each in store.sources if not each.startswith((TAGS_OF, "find "))}
    made = [
        _resource(kind, store.name),
        _resource(
            f"{dynamic}Snapshot",
            store.name,
            parent,
            store=bag,
            references=store.sources,
            versions=versions,
            found=dict(store.found),
            account=PLACE.account,
        ),
    ]
    if store.created:
        made += _role(store, parent)
    for secret in store.secrets:
        made.append(
            _resource(
                f"{dynamic}{'Cluster' if secret.wide else ''}SecretSync",
                secret.name,
                urn(f"parameterstore:index:{'Cluster' if secret.wide else ''}ExternalSecret", secret.name),
                store=bag,
                storeName=store.name,
                **(
                    {"namespaces": {each: {} for each in secret.wide}}
                    if secret.wide
                    else {"namespace": secret.namespace}
                ),
                secretName=secret.name,
                data=dict(secret.data),
                dataFrom=[{"find": each} for each in secret.finds],
                target=dict(secret.target),
            )
        )
    if store.pushes:
        data = [{"remoteKey": each, "secretKey": "k"} for each in store.pushes]
        made.append(
            _resource(
                f"{dynamic}SecretPush",
                f"push-{store.name}",
                stores={store.name: bag},
                namespace="team-a",
                secret="source",
                data=data,
            )
        )
    return made


def _role(store: StorePlan, parent: str) -> list[dict[str, Any]]:
    name = f"{store.name}-4f2a91c"
    arn = f"arn:aws:iam::{PLACE.account}:role/{name}"
    trust = web_identity(PROVIDER, ISSUER, "team-a", store.name)
    made = [
        _resource(
            "aws:iam/role:Role", store.name, parent, {"arn": arn, "name": name}, name=name, assumeRolePolicy=trust
        )
    ]
    inline, *managed = store.documents or [""]
    if inline:
        made.append(_resource("aws:iam/rolePolicy:RolePolicy", store.name, parent, role=name, policy=inline))
    for number, document in enumerate(managed, 1):
        title = f"{store.name}-{number}"
        made.append(_resource("aws:iam/policy:Policy", title, parent, policy=document))
        made.append(
            _resource(
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment", title, parent, role=name, policyArn="unknown"
            )
        )
    return made


def large_stack(seed: int, secrets: int) -> list[StorePlan]:
    """Three stores with many ExternalSecrets, whose names overlap."""
    chance = random.Random(seed)  # noqa: S311

    def name() -> str:
        return "/" + "/".join(chance.choice(["app", "db", "web", "x"]) + str(chance.randint(0, 4)) for _ in range(3))

    def reference() -> dict[str, Any]:
        more: dict[str, Any] = chance.choice([{}, {"property": "a.b"}, {"version": 2}, {"metadataPolicy": "Fetch"}])
        account = f"arn:aws:ssm:{PLACE.region}:210987654321:parameter" if chance.random() < 0.1 else ""
        return {"key": account + name(), **more}

    plans = []
    for number in range(3):
        made = [
            SecretPlan(
                f"s{at}",
                {f"k{key}": reference() for key in range(chance.randint(1, 3))},
                [{"name": {"regexp": "."}, "path": f"/app{at % 5}"}] if chance.random() < 0.05 else [],
                chance.choice(["team-a", "team-b"]),
            )
            for at in range(number, secrets, 3)
        ]
        finds = {source for secret in made for source in secret.sources if source.startswith("find ")}
        found = {source: {name(): 1 for _ in range(3)} for source in sorted(finds)}
        keys = [CustomerKey(KEY, ("*",))] if number == 1 else []
        plans.append(StorePlan(f"store-{number}", made, [name()], ["/web1"] if number == 2 else [], keys, found))
    return plans


LEVELS = st.text("abx", min_size=1, max_size=2)
NAMES = st.lists(LEVELS, min_size=1, max_size=3).map(lambda levels: "/" + "/".join(levels))
PATHS = st.lists(LEVELS, min_size=1, max_size=2).map(lambda levels: "/" + "/".join(levels))
REFERENCES = st.fixed_dictionaries(
    {"key": NAMES | NAMES.map(lambda name: f"arn:aws:ssm:{PLACE.region}:210987654321:parameter{name}")},
    optional={"property": LEVELS, "version": st.integers(1, 3), "metadataPolicy": st.just("Fetch")},
).map(lambda bag: {k: v for k, v in bag.items() if not ("metadataPolicy" in bag and k == "version")})
FINDS = st.fixed_dictionaries(
    {"name": st.just({"regexp": "."})},
    optional={"path": PATHS, "tags": st.dictionaries(LEVELS, LEVELS, min_size=1, max_size=2)},
)


@st.composite
def stacks(draw: st.DrawFn, most: int) -> list[StorePlan]:
    """Up to three stores with up to `most` ExternalSecrets, whose names overlap."""
    plans = []
    count = draw(st.integers(1, most))
    dealt = [draw(st.integers(0, 2)) for _ in range(count)]
    for number in range(3):
        secrets = [
            SecretPlan(
                f"s{at}",
                draw(st.dictionaries(LEVELS, REFERENCES, max_size=3)),
                draw(st.lists(FINDS, max_size=1)) if draw(st.integers(0, 9)) == 0 else [],
                draw(st.sampled_from(["team-a", "team-b"])),
                wide=draw(st.sampled_from([(), (), ("team-a", "team-c")])),
            )
            for at, store in enumerate(dealt)
            if store == number
        ]
        finds = {source for secret in secrets for source in secret.sources if source.startswith("find ")}
        found = {source: {draw(NAMES): 1 for _ in range(draw(st.integers(0, 2)))} for source in sorted(finds)}
        plans.append(
            StorePlan(
                f"store-{number}",
                secrets,
                draw(st.lists(NAMES, max_size=2, unique=True)),
                draw(st.lists(PATHS | st.just("/"), max_size=1)),
                [CustomerKey(KEY, ("*",))] if draw(st.booleans()) else [],
                found,
            )
        )
    return plans
