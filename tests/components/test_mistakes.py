"""Small programs with mistakes that new users make: each ends in one line that says what is wrong and what to write.

Those that only AWS or the cluster can find are in tests/end_to_end/test_mistakes.py.
"""

from typing import Any

import pulumi
import pytest

import components.external_secret
import components.parameter_store
from components.core.characters import unprintable
from components.parameter_store import InvalidArgumentsError
from tests.components.support import Engine, declare
from tests.components.test_identity import Cloud

STORE = 'store = SecretStore("team-a", namespace="team-a", region="eu-central-1")\n'
S = 'SecretStore("t", namespace="team-a", region="eu-central-1"'
X = 'ExternalSecret("x", store=store, '
DB = 'data={"a": "/dev/team-a/db"}'
KEY = "arn:aws:kms:eu-central-1:123456789012:key/ded715a0-6599-42c5-ad20-1a59cda941f5"

MISTAKES: dict[str, tuple[str, str]] = {
    "typo in an ExternalSecret": (
        STORE + f'ExternalSecret("x", stor=store, {DB})',
        "ExternalSecret 'x': there is no argument 'stor'; did you mean 'store'?",
    ),
    "typo in a store": (
        'SecretStore("team-a", namespace="team-a", regoin="eu-central-1")',
        "SecretStore 'team-a': there is no argument 'regoin'; did you mean 'region'?",
    ),
    "data is a list": (
        STORE + X + 'data=["/dev/team-a/db"])',
        "ExternalSecret 'x', data: expected a mapping of secret keys to RemoteRefs or parameter names, got a list",
    ),
    "the likely argument is given already": (
        STORE + X + f"stores=[store], {DB})",
        "ExternalSecret 'x': there is no argument 'stores'; there are data_from, namespace, target, refresh_policy",
    ),
    "data is a list, and what to write": (
        STORE + X + 'data=["/dev/team-a/db"])',
        'got a list; write data={"key": "/the/parameter"}',
    ),
    "data is a name": (STORE + X + 'data="/dev/db")', 'got a string; write data={"key": "/the/parameter"}'),
    "data_from is a name": (
        STORE + X + 'data_from="/dev/db")',
        'got a string; write data_from=[Extract("/the/parameter")]',
    ),
    "data of a PushSecret is a mapping": (
        STORE + 'PushSecret("p", stores=[store], secret="s", data={"host": "/dev/host"})',
        'data: expected a list of PushData, got a mapping; write data=[PushData("/the/parameter", "key")]',
    ),
    "a store's name in stores": (
        STORE + 'PushSecret("p", stores=["team-a"], secret="s", data=[PushData("/dev/host", "host")])',
        "expected a SecretStore or ClusterSecretStore, got a string; pass the SecretStore itself, not its name",
    ),
    "a store's name as store, and what to write": (
        X.replace("=store", '="team-a"') + DB + ")",
        "got a string; pass the SecretStore itself, not its name",
    ),
    "a secret's name without a slash before it": (
        STORE + X + 'data={"a": "shop/mail"})',
        "A secret of Secrets Manager is read from a store with service 'SecretsManager'",
    ),
    "a number as data": (
        STORE + X + 'data={"a": 5})',
        "ExternalSecret 'x', key a: expected a RemoteRef or a parameter's name, got a number",
    ),
    "a dict as data": (
        STORE + X + 'data={"a": {"key": "/dev/team-a/db", "property": "user"}})',
        "key a: expected a RemoteRef or a parameter's name, got a mapping; write RemoteRef(key, property=...)",
    ),
    "namespace left out": (
        'SecretStore("team-a", region="eu-central-1")',
        "SecretStore 'team-a': namespace is required; write namespace=...",
    ),
    "a name that is too long": (
        STORE + f'ExternalSecret("x" * 260, store=store, {DB})',
        "is not allowed: Kubernetes wants at most 253 lower case letters, digits, '-' and '.'",
    ),
    "a name with an underscore": (
        STORE + f'ExternalSecret("my_Secret", store=store, {DB})',
        "ExternalSecret 'my_Secret': Secret name 'my_Secret' is not allowed: Kubernetes wants",
    ),
    "a store of another namespace": (
        STORE + X + f'namespace="team-b", {DB})',
        "ExternalSecret 'x': its store is for namespace 'team-a' alone, not for 'team-b'; take a store that is for",
    ),
    "an Output as find's path": (
        STORE + X + 'data_from=[Find(path=pulumi.Output.from_input("/dev/team-a"), name=".*")])',
        "ExternalSecret 'x', data_from[0].path: expected a string, got an Output; its value is needed while the",
    ),
    "an Output in an f-string": (
        STORE + 'n = pulumi.Output.from_input("db")\n' + X + 'data={"a": f"/dev/team-a/{n}"})',
        (
            "ExternalSecret 'x': key a has an Output in a string, which an f-string, str() or + cannot do; "
            "write pulumi.Output.concat(...)"
        ),
    ),
    "inside apply of the store": (
        STORE + X + f"{DB})\n"
        'store.versions.apply(lambda _: ExternalSecret("y", store=store, data={"a": "/dev/team-a/ca"}))',
        "ExternalSecret 'y' is declared after the references of SecretStore 'team-a' were collected. Declare it in",
    ),
    "a secret key with a blank": (
        STORE + X + 'data={"my key": "/dev/team-a/db"})',
        "ExternalSecret 'x': secret key 'my key' is not allowed: Kubernetes wants a-z",
    ),
    "a find of a path alone": (
        STORE + X + 'data_from=[Find(path="/prod")])',
        "find needs a name (ESO: name.regexp) or tags; for all parameters below a path give it the name '.*'",
    ),
    "a pattern that is none": (
        STORE + X + 'data_from=[Find(path="/prod", name="(")])',
        "find.name (ESO: name.regexp) '('",
    ),
    "a path that is a pattern": (
        STORE + X + 'data_from=[Find(path="/prod/*", name=".*")])',
        "what names must match in name (ESO: name.regexp)",
    ),
    "a path as a parameter": (STORE + X + 'data={"a": "/prod/"})', "with find: path '/prod' and name '.*' (ESO: name."),
    "a function that no template has": (
        STORE + X + DB + ', target=Target(template=Template(data={"x": "{{ .a | b46enc }}"})))',
        "line 1, column 9: there is no function 'b46enc' here; write b64enc",
    ),
    "a type without its keys": (
        STORE + X + DB + ', target=Target(template=Template(type="kubernetes.io/tls", data={"tls.crt": "{{ .a }}"})))',
        "ExternalSecret 'x': the Secret cannot be written: type kubernetes.io/tls needs key tls.key",
    ),
    "a store's name as store": (
        f'ExternalSecret("x", store="team-a", {DB})',
        "ExternalSecret 'x', store: expected a SecretStore or ClusterSecretStore, got a string",
    ),
    "an alias as key": (
        S + ', role=AssumedRole(), kms_keys=[KmsKey("alias/foo")])',
        "SecretStore 't': kms_keys: 'alias/foo' is not a key's ARN; write arn:<partition>:kms:",
    ),
    "a string as the key's parameters": (
        S + f', role=AssumedRole(), kms_keys=[KmsKey("{KEY}", "/dev/*")])',
        "SecretStore 't', kms_keys[0].parameters: expected a list of strings, got a string; put it into a list, in",
    ),
    "a dict as target": (
        STORE + X + DB + ', target={"name": "foo"})',
        "ExternalSecret 'x', target: expected a Target, or the Secret's name, got a mapping",
    ),
    "an interval in words": (
        STORE + X + DB + ', refresh_interval="5 minutes")',
        "ExternalSecret 'x': '5 minutes' is not a duration; write one such as '1h', '30m' or '0'",
    ),
    "a policy in small letters": (
        STORE + X + DB + ', refresh_policy="periodic")',
        "ExternalSecret 'x': refresh_policy 'periodic' is not known; did you mean 'Periodic'?",
    ),
    "a cluster's name as OIDC provider": (
        S + ', auth=ServiceAccountAuth(oidc_provider="main-dev"))',
        "SecretStore 't': oidc_provider: 'main-dev' is neither the ARN nor the URL of an OIDC provider; write arn:",
    ),
    "a key without its first slash": (
        STORE + X + 'data={"a": "dev/team-a/db"})',
        "a name with a '/' in it must begin with one; write '/dev/team-a/db'",
    ),
    "a key with a slash at its end": (
        STORE + X + 'data={"a": "/dev/team-a/"})',
        "cannot be a parameter's name, as it ends with '/': write '/dev/team-a' for one parameter; for all below it",
    ),
    "a type in the target": (
        STORE + X + DB + ', target=Target(type="kubernetes.io/tls"))',
        "there is no argument 'type'; write template=Template(type=...)",
    ),
    "the store by ESO's name": (
        STORE + 'ExternalSecret("x", secret_store_ref=store, ' + DB + ")",
        "ExternalSecret 'x': there is no argument 'secret_store_ref'; write store=",
    ),
    "an access key in the store": (S + ', access_key="AKIA")', "'access_key'; write auth=AccessKeyAuth(...)"),
    "a profile in the store": (
        S + ', profile="prod")',
        "'profile'; write opts=ResourceOptions(provider=...) with an aws",
    ),
    "a provider in the store": (S + ", provider=None)", "'provider'; write opts=ResourceOptions(provider=...) with an"),
    "a context in the store": (S + ', context="prod")', "'context'; write cluster=Cluster(...)"),
    "a kubeconfig in the store": (S + ', kubeconfig="prod.yaml")', "'kubeconfig'; write cluster=Cluster(...)"),
    "a kubeconfig in the secret": (STORE + X + DB + ', kubeconfig="p")', "write cluster=Cluster(...) on the store"),
    "data_from is no list": (
        STORE + X + 'data_from=Extract("/dev/team-a/db"))',
        "ExternalSecret 'x', data_from: expected a list of Extract and Find, got Extract; put it into a list, in brack",
    ),
    "no data": (
        STORE + 'ExternalSecret("x", store=store)',
        "ExternalSecret 'x': data and data_from are empty; name at",
    ),
    "a string as a condition's namespaces": (
        'ClusterSecretStore("c", region="eu-central-1", conditions=[StoreCondition(namespaces="team-a")])',
        "StoreCondition (program.py, line 1), namespaces: expected a list of strings, got a string; put it into a list",
    ),
    "a ClusterSecretStore, and no namespace": (
        f'store = ClusterSecretStore("c", region="eu-central-1")\nExternalSecret("x", store=store, {DB})',
        "ExternalSecret 'x': a ClusterSecretStore has no namespace of its own; name the Secret's `namespace`",
    ),
    "an encoding that nobody knows": (
        STORE + X + 'data={"a": RemoteRef("/dev/team-a/db", "user", "1", "Base46")})',
        "ExternalSecret 'x', key a: decoding_strategy 'Base46' is not known; write None, Base64, Base64URL or Auto",
    ),
    "no region": ('SecretStore("t", namespace="team-a")', "SecretStore 't': region: none is given; write one such as"),
    "None as region": (
        'SecretStore("t", namespace="team-a", region=None)',
        "SecretStore 't': region: none is given; write one such as",
    ),
    # The table of mistakes and surprises.
    "misspelt role": (S + ', rol="x")', "SecretStore 't': there is no argument 'rol'; did you mean 'role'?"),
    "misspelt prefix": (S + ', perfix="x")', "SecretStore 't': there is no argument 'perfix'; did you mean 'prefix'?"),
    "misspelt auth": (S + ', auht="x")', "SecretStore 't': there is no argument 'auht'; did you mean 'auth'?"),
    "a role as auth": (
        S + ', auth="arn:aws:iam::123456789012:role/x")',
        (
            "SecretStore 't', auth: expected an AccessKeyAuth, ServiceAccountAuth or PodIdentityAuth, got a string; "
            "the ARN of a role goes into `role`"
        ),
    ),
    "keys without a role of its own": (
        S + f', kms_keys=[KmsKey("{KEY}")])',
        (
            "SecretStore 't': kms_keys has no effect: it is for the policy of the role that reads, and the store does "
            "not create that role; leave it out, or write role=AssumedRole()"
        ),
    ),
    "paths with a given role": (
        S + ', paths=["/team-a"], role="arn:aws:iam::123456789012:role/x")',
        "SecretStore 't': paths has no effect",
    ),
    "keys as a string": (S + ', kms_keys="arn")', "SecretStore 't', kms_keys: expected a list of KmsKey, got a string"),
    "a key as a string": (
        S + f', kms_keys=["{KEY}"])',
        "SecretStore 't', kms_keys[0]: expected a KmsKey, got a string; write KmsKey(arn)",
    ),
    "conditions as a string": (
        'ClusterSecretStore("c", region="eu-central-1", conditions="team-a")',
        "ClusterSecretStore 'c', conditions: expected a list of StoreCondition, got a string",
    ),
    "a rate as a string": (
        S + ', requests_per_second="10")',
        "SecretStore 't', requests_per_second: expected a number, got a string",
    ),
    "an Output as prefix": (
        S + ', prefix=pulumi.Output.from_input("/prod"))',
        "SecretStore 't', prefix: expected a string, got an Output; its value is needed while the program runs, so",
    ),
    "a label where a selector is wanted": (
        'StoreCondition(match_labels={"team": "a"})',
        (
            "StoreCondition (program.py, line 1): there is no argument 'match_labels'; write "
            "selector=[LabelRequirement('team', 'In', ['a'])]"
        ),
    ),
    "no condition at all": (
        'ClusterSecretStore("c", region="eu-central-1", conditions=[StoreCondition()])',
        "ClusterSecretStore 'c': conditions[0] has no effect: it admits no namespace; give it namespaces,",
    ),
    "a resource where its name is wanted": (
        STORE + 'ExternalSecret("x", store=store, data={"a": store})',
        "key a: expected a RemoteRef or a parameter's name, got SecretStore; pass one of its outputs, such as its name",
    ),
    "names by position": (
        'SecretStore("t", "team-a")',
        "SecretStore 't': 2 arguments are given without a name, 1 at most; write all after name by name: namespace=",
    ),
}


def line_of(text: str) -> str:
    """The one line that a program is refused by."""

    def program() -> None:
        names: dict[str, Any] = {**vars(components.external_secret), **vars(components.parameter_store)}
        exec(compile(text, "program.py", "exec"), {**names, "pulumi": pulumi, "__name__": "__main__"})  # noqa: S102

    with pytest.raises(InvalidArgumentsError) as raised:
        declare(program, engine=Cloud())
    assert unprintable(str(raised.value)) is None
    return str(raised.value)


@pytest.mark.filterwarnings("ignore:Calling __str__ on an Output")
@pytest.mark.parametrize(("text", "line"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line(text: str, line: str) -> None:
    assert line in line_of(text)


def test_an_output_as_the_value_of_data_is_a_parameters_name() -> None:
    def program() -> None:
        store = components.parameter_store.SecretStore("s", namespace="team-a", region="eu-central-1")
        components.external_secret.ExternalSecret("x", store=store, data={"a": pulumi.Output.from_input("/app/db")})

    registered = declare(program).registered
    assert registered["SecretSync", "x"]["data"] == {"a": {"key": "/app/db"}}
    assert registered["Snapshot", "s"]["references"] == ["/app/db"]


def test_what_is_declared_inside_apply_before_the_store_is_sealed_is_read() -> None:
    def program() -> None:
        store = components.parameter_store.SecretStore("s", namespace="team-a", region="eu-central-1")
        pulumi.Output.from_input("db").apply(
            lambda name: components.external_secret.ExternalSecret("x", store=store, data={"a": f"/app/{name}"})
        )

    engine: Engine = declare(program)
    assert engine.registered["SecretSync", "x"]["data"] == {"a": {"key": "/app/db"}}
    assert engine.registered["Snapshot", "s"]["references"] == ["/app/db"]
