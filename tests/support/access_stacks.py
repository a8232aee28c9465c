"""Stacks as Pulumi exports them, made from plans of stores, ExternalSecrets and PushSecrets."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from components.core.iam import CustomerKey, Location, Need, grants, shards
from components.core.iam.trust import web_identity
from components.core.service import TAGS_OF, Service
from components.core.services import service_named
from components.core.spec.entries import Find, Reference
from components.core.spec.push_specs import PushMetadata

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
class PushPlan:
    """An entry of a PushSecret of its own. With `wide` a cluster-wide one, each namespace below its own prefix."""

    remote: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    policies: Mapping[str, Any] = field(default_factory=dict)
    part: str = ""
    wide: Sequence[str] = ()

    @property
    def written(self) -> dict[str, str]:
        """Namespace -> what is written."""
        return {each: f"{_prefix(self, each)}{self.remote}" for each in self.wide or ["team-a"]}


def _prefix(push: PushPlan, namespace: str) -> str:
    """What stands before a name that one namespace pushes; empty for what is not cluster-wide."""
    slash = "/" if push.remote.startswith("/") else ""
    return f"{slash}{namespace}{'' if slash else '/'}" if push.wide else ""


@dataclass(frozen=True)
class StorePlan:
    """A store that creates its role by IRSA, with what uses it; `kind` is ESO's name of its service."""

    name: str
    secrets: Sequence[SecretPlan] = ()
    pushes: Sequence[str | PushPlan] = ()
    paths: Sequence[str] = ()
    keys: Sequence[CustomerKey] = ()
    found: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    created: bool = True
    kind: str = ""
    batches: bool = False
    rate: float | None = None

    @property
    def service(self) -> Service:
        """Its service."""
        return service_named(self.kind or None, in_batches=self.batches)

    @property
    def bag(self) -> dict[str, Any]:
        """What its resources are told of it."""
        more = {"service": self.kind, **({"batchReads": True} if self.batches else {})} if self.kind else {}
        return {"region": PLACE.region, "serviceAccountRef": {"namespace": "team-a", "name": self.name}, **more}

    @property
    def sends(self) -> list[PushPlan]:
        """What it pushes."""
        return [PushPlan(each) if isinstance(each, str) else each for each in self.pushes]

    @property
    def sources(self) -> list[str]:
        """What all its ExternalSecrets ask for."""
        return sorted({source for secret in self.secrets for source in secret.sources})

    @property
    def documents(self) -> list[str]:
        """The policies of its role."""
        needs: list[Need] = [self.service.need(each, "") for each in self.sources]
        needs += [need for push in self.sends for need in self._writing(push)]
        needs += [self.service.paths_need(self.paths, everything=True)] if self.paths else []
        made = shards(grants(PLACE, needs, self.keys), managed_policies=100)
        return [each for each in (made.inline, *made.managed) if each]

    def _writing(self, push: PushPlan) -> list[Need]:
        assert self.service.writing is not None
        how = {
            "compares": push.policies.get("updatePolicy") != "IfNotExists",
            "deletes": "deletionPolicy" in push.policies,
            "restores": "restore" in push.policies,
        }
        like: PushMetadata[str] = PushMetadata.unchecked(push.metadata)
        return [self.service.writing.need(each, like, below=False, reason="", **how) for each in push.written.values()]


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
    bag = store.bag
    rate = {"requestsPerSecond": store.rate} if store.rate else {}
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
            **rate,
        ),
    ]
    if store.created:
        made += _role(store, parent)
    for secret in store.secrets:
        wide: dict[str, Any] = {"namespaces": {each: {} for each in secret.wide}}
        made.append(
            _resource(
                f"{dynamic}{'Cluster' if secret.wide else ''}SecretSync",
                secret.name,
                urn(f"parameterstore:index:{'Cluster' if secret.wide else ''}ExternalSecret", secret.name),
                store=bag,
                storeName=store.name,
                **(wide if secret.wide else {"namespace": secret.namespace}),
                secretName=secret.name,
                data=dict(secret.data),
                dataFrom=[{"find": each} for each in secret.finds],
                target=dict(secret.target),
            )
        )
    for at, push in enumerate(store.sends):
        entry = {"remoteKey": push.remote, "secretKey": "k", "metadata": dict(push.metadata)}
        own = {each: {"prefixes": {store.name: _prefix(push, each)}} for each in push.wide}
        made.append(
            _resource(
                f"{dynamic}{'Cluster' if push.wide else ''}SecretPush",
                f"push-{store.name}-{at}",
                stores={store.name: bag},
                **({"namespaces": own} if push.wide else {"namespace": "team-a"}),
                secret="source",
                data=[entry | ({"property": push.part} if push.part else {})],
                **push.policies,
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


MANAGER = "SecretsManager"
OTHERS = {
    "": f"arn:aws:ssm:{PLACE.region}:210987654321:parameter",
    MANAGER: f"arn:aws:secretsmanager:{PLACE.region}:210987654321:secret:",
}
VERSION = "01234567-89ab-cdef-0123-456789abcdef"
PINS: Mapping[str, list[Any]] = {"": [1, 2, 3, "label"], MANAGER: ["AWSPREVIOUS", f"uuid/{VERSION}", "own-stage"]}
LIKE: Mapping[str, list[dict[str, Any]]] = {
    "": [{}, {"secretType": "String"}, {"kmsKeyID": KEY}, {"tier": {"type": "Advanced"}, "tags": {"a": "b"}}],
    MANAGER: [{}, {"replicationLocations": ["eu-west-1"]}, {"resourcePolicy": {"policy": "{}"}, "kmsKeyID": KEY}],
}
POLICIES: list[dict[str, Any]] = [{}, {"updatePolicy": "IfNotExists"}, {"deletionPolicy": "Delete"}, {"restore": True}]


def large_stack(seed: int, secrets: int) -> list[StorePlan]:
    """Stores of both services with many ExternalSecrets and PushSecrets, cluster-wide ones too; names overlap."""
    chance = random.Random(seed)  # noqa: S311
    wide = ["team-a", "team-b", "team-c"]

    def name() -> str:
        return "/" + "/".join(chance.choice(["app", "db", "web", "x"]) + str(chance.randint(0, 4)) for _ in range(3))

    def reference(kind: str) -> dict[str, Any]:
        more: dict[str, Any] = chance.choice([{}, {"property": "a.b"}, {"version": 0}, {"metadataPolicy": "Fetch"}])
        pinned = {"version": chance.choice(PINS[kind])} if "version" in more else {}
        return {"key": (OTHERS[kind] if chance.random() < 0.1 else "") + name(), **more, **pinned}

    plans = []
    for number, kind in enumerate(["", "", "", MANAGER, MANAGER]):
        made = [
            SecretPlan(
                f"s{at}",
                {f"k{key}": reference(kind) for key in range(chance.randint(1, 3))},
                [{"name": {"regexp": "."}, "path": f"/app{at % 5}"}] if chance.random() < 0.05 else [],
                chance.choice(["team-a", "team-b"]),
                wide=wide[: chance.randint(1, 3)] if chance.random() < 0.1 else (),
            )
            for at in range(number, secrets, 5)
        ]
        pushes = [
            PushPlan(f"{name()}/{at}", chance.choice(LIKE[kind]), chance.choice(POLICIES), chance.choice(["", "a.b"]))
            for at in range(10)
        ]
        pushes.append(PushPlan(name(), wide=wide))
        finds = {source for secret in made for source in secret.sources if source.startswith("find ")}
        found = {source: {name(): 1 for _ in range(3)} for source in sorted(finds)}
        keys = [CustomerKey(KEY, ("*",))] if number in (1, 3) else []
        paths = ["/web1"] if number in (2, 4) else []
        plans.append(StorePlan(f"store-{number}", made, pushes, paths, keys, found, kind=kind, batches=number == 4))
    return plans


LEVELS = st.text("abx", min_size=1, max_size=2)
NAMES = st.lists(LEVELS, min_size=1, max_size=3).map(lambda levels: "/" + "/".join(levels))
PATHS = st.lists(LEVELS, min_size=1, max_size=2).map(lambda levels: "/" + "/".join(levels))
FINDS = st.fixed_dictionaries(
    {"name": st.just({"regexp": "."})},
    optional={"path": PATHS, "tags": st.dictionaries(LEVELS, LEVELS, min_size=1, max_size=2)},
)


def references(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """References of a service: names and ARNs, versions and tags."""
    return st.fixed_dictionaries(
        {"key": NAMES | NAMES.map(lambda name: OTHERS[kind] + name)},
        optional={"property": LEVELS, "version": st.sampled_from(PINS[kind]), "metadataPolicy": st.just("Fetch")},
    ).map(lambda bag: {k: v for k, v in bag.items() if not ("metadataPolicy" in bag and k == "version")})


def pushed(kind: str) -> st.SearchStrategy[list[PushPlan]]:
    """PushSecrets to a service, each to names of its own."""
    like, policies = st.sampled_from(LIKE[kind]), st.sampled_from(POLICIES)
    wide = st.sampled_from([(), (), ("team-a", "team-c")])
    one = st.builds(PushPlan, NAMES, like, policies, st.sampled_from(["", "a.b"]), wide)
    return st.lists(one, max_size=2, unique_by=lambda each: each.remote)


@st.composite
def stacks(draw: st.DrawFn, most: int) -> list[StorePlan]:
    """Up to three stores of both services with up to `most` ExternalSecrets, whose names overlap."""
    plans = []
    count = draw(st.integers(1, most))
    dealt = [draw(st.integers(0, 2)) for _ in range(count)]
    for number in range(3):
        kind = draw(st.sampled_from(["", MANAGER]))
        secrets = [
            SecretPlan(
                f"s{at}",
                draw(st.dictionaries(LEVELS, references(kind), max_size=3)),
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
                draw(pushed(kind)),
                draw(st.lists(PATHS | st.just("/"), max_size=1)),
                [CustomerKey(KEY, ("*",))] if draw(st.booleans()) else [],
                found,
                kind=kind,
                batches=kind == MANAGER and draw(st.booleans()),
            )
        )
    return plans
