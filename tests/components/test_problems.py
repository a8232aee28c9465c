"""What a program tells its snapshots of the wanted values, and what it exports of those that cannot be taken."""

from typing import Any

import pulumi
import pytest

from components.external_secret import ExternalSecret, Extract, Find, RemoteRef
from components.parameter_store import InvalidArgumentsError, SecretStore
from components.status import status_output
from tests.components.support import Engine, declare, resolved


class Finding(Engine):
    """Answers as a snapshot that found something wrong."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__()
        self._problems = problems

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        id_, outputs = super().new_resource(args)
        return id_, {**outputs, "problems": self._problems} if args.typ.endswith(":Snapshot") else outputs


def store(name: str = "team-a") -> SecretStore:
    return SecretStore(name, namespace="team-a", region="eu-central-1")


def test_the_snapshot_is_told_what_is_wanted_of_each_value() -> None:
    def program() -> None:
        own = store()
        data: dict[str, RemoteRef | str] = {
            "a": RemoteRef("/db", property="user"),
            "b": RemoteRef("/db", property=pulumi.Output.from_input("host")),
            "c": RemoteRef(pulumi.Output.from_input("/cert"), decoding_strategy="Base64"),
            "d": "/whole",
            "e": RemoteRef("/auto", decoding_strategy="Auto"),
            "f": RemoteRef("/tagged", property="team", metadata_policy="Fetch"),
        }
        ExternalSecret("x", store=own, data=data, data_from=[Extract("/all"), Find(name="^/app/")])
        ExternalSecret("y", store=own, data={"a": RemoteRef("/db", property="user")})

    operation = declare(program).registered["Snapshot", "team-a"]["operation"]
    assert operation["parts"] == {
        "/db": [{"property": "user"}, {"property": "host"}],
        "/cert": [{"decodingStrategy": "Base64"}],
        "/all": [{"members": True}],
    }
    assert operation["secrets"] == ["ExternalSecret 'x'", "ExternalSecret 'y'"]


def exported(secrets: dict[str, Any], problems: dict[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {}

    def program() -> None:
        own, other = store(), store("other")
        stores = {"own": own, "other": other}
        for name, data in secrets.items():
            refs = {key: RemoteRef(**{**ref, "store": stores[ref.get("store", "own")]}) for key, ref in data.items()}
            secret = ExternalSecret(name, store=own, data=refs)
            resolved(pulumi.Output.from_input(status_output({name: secret})[name]["problem"]), told, name)

    declare(program, engine=Finding(problems))
    return told


def test_each_secret_tells_its_own_problems() -> None:
    problems = {
        "/db, property user": "version 3: it has no JSON property 'user'",
        "/gone": "parameter '/gone' does not exist",
        "/gone, property x": "never both",
    }
    assert exported(
        {
            "one": {"a": {"key": "/db", "property": "user"}, "b": {"key": "/db", "property": "host"}},
            "two": {"a": {"key": "/gone"}, "b": {"key": "/db", "property": "user", "store": "other"}},
            "fine": {"a": {"key": "/db"}},
            "late": {"a": {"key": "/db", "property": pulumi.Output.from_input("user")}},
        },
        problems,
    ) == {
        "one": "key a: parameter /db, version 3: it has no JSON property 'user'",
        "two": (
            "key a: parameter '/gone' does not exist; key b: parameter /db, version 3: it has no JSON property 'user'"
        ),
        "fine": "",
        "late": "key a: parameter /db, version 3: it has no JSON property 'user'",
    }


def test_versions_have_one_order_whatever_pulumi_s_wire_gives() -> None:
    class Shuffling(Engine):
        def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
            id_, outputs = super().new_resource(args)
            return id_, {**outputs, "versions": dict.fromkeys(("/z", "/a", "m", "/m"), 1.0)}

    told: dict[str, Any] = {}

    def program() -> None:
        own = store()
        secret = ExternalSecret("x", store=own, data={"a": "/a"})
        resolved(pulumi.Output.json_dumps(secret.synced_versions), told, "secret")
        resolved(pulumi.Output.json_dumps(own.versions), told, "store")

    declare(program, engine=Shuffling())
    assert told == dict.fromkeys(("secret", "store"), '{"/a": 1, "/m": 1, "/z": 1, "m": 1}')


def test_import_is_one_line_that_names_adopt() -> None:
    with pytest.raises(InvalidArgumentsError, match=r"opts\.import_: Pulumi cannot import.*set `adopt` on its target"):
        declare(
            lambda: ExternalSecret(
                "x", store=store(), data={"a": "/a"}, opts=pulumi.ResourceOptions(import_="team-a/x")
            )
        )


def test_the_snapshot_is_told_what_nobody_misses_and_asks_for_it_all_the_same() -> None:
    def program(*, optional: bool) -> None:
        own = store()
        late = pulumi.Output.from_input("/late")
        data: dict[str, RemoteRef | str] = {
            "a": RemoteRef("/a", optional=optional),
            "late": RemoteRef(late, property="x", optional=optional),
            "b": RemoteRef("/b", optional=optional),
            "c": "/c",
        }
        ExternalSecret("x", store=own, data=data, data_from=[Extract("/d", optional=optional), Find(name="^/app/")])
        ExternalSecret("y", store=own, data={"needed": "/b"})

    with_it = declare(lambda: program(optional=True)).registered["Snapshot", "team-a"]
    without = declare(lambda: program(optional=False)).registered["Snapshot", "team-a"]
    assert with_it["operation"]["optional"] == ["/a", "/d", "/late"]
    assert without["operation"]["optional"] == []
    assert with_it["references"] == without["references"]
