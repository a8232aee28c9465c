"""Stores that are broken in many ways beside one that is not: with --continue-on-error its Secrets are written."""

import pytest

from tests.end_to_end.faults.support import Stack

pytestmark = pytest.mark.slow

PROGRAM = """
from components.external_secret import ExternalSecret, Find, RemoteRef
from components.parameter_store import AccessKeyAuth, Cluster, SecretKeyRef, SecretStore, ServiceAccountAuth

BROKEN = %s
KEYS = AccessKeyAuth(SecretKeyRef("aws-keys", "id"), SecretKeyRef("aws-keys", "secret"))
ROLE = "arn:aws:iam::123456789012:role/not-there"
KINDS = {
    "account": {"auth": ServiceAccountAuth("not-there")},
    "keys": {"auth": KEYS},
    "role": {"role": ROLE},
    "region": {"region": "xx-central-1"},
    "context": {"cluster": Cluster(context="not-there")},
    "none": {},
}


def store(name, given):
    return SecretStore(name, **{"namespace": "team-a", "region": "eu-central-1", **(given if BROKEN else {})})


for name, given in KINDS.items():
    own = store(name, given)
    ExternalSecret(f"of-{name}", store=own, data={"user": RemoteRef("/app/db", property="user")})
    if name == "role":
        of_two = own
whole = SecretStore("whole", namespace="team-a", region="eu-central-1")
ExternalSecret("of-whole", store=whole, data={"user": RemoteRef("/app/db", property="user")})
ExternalSecret(
    "of-two",
    store=whole,
    data={
        "user": RemoteRef("/app/db", property="user"),
        "password": RemoteRef("/app/db", property="password", store=of_two),
    },
)
ExternalSecret("found", store=whole, data_from=[Find(path="/other", name=".*")])
"""
WRITTEN = {"of-none", "of-whole"}
OTHERS = {"of-account", "of-keys", "of-role", "of-region", "of-context", "of-two", "found"}


def test_the_secrets_of_whole_stores_are_written_and_all_others_are_left_as_they_are(stack: Stack) -> None:
    stack.put("/other/a", "user")
    deny = stack.sandbox.aws.faults.deny
    stack.write_program(PROGRAM % True)
    for action in ("ssm:GetParametersByPath", "ssm:DescribeParameters"):
        deny(action)
    assert stack.preview().result.exit_code == 1

    up = stack.up(continue_on_error=True)
    stack.check_failure(
        up,
        "ServiceAccount team-a/not-there",
        "Secret team-a/aws-keys, which does not exist",
        "role/not-there",
        "no AWS partition has a region 'xx-central-1'",
        "find below '/other'",
        "left as it is: ExternalSecret 'of-account'",
        "left as it is: ExternalSecret 'of-role', ExternalSecret 'of-two'",
    )
    assert {name for name in WRITTEN | OTHERS if stack.secret(name) is not None} == WRITTEN
    assert set(stack.writes()) == {("patch", name) for name in WRITTEN}

    # The next update goes on from there; one that breaks them again leaves what they wrote.
    stack.sandbox.aws.faults.clear()
    stack.write_program(PROGRAM % False)
    assert stack.up().result.exit_code == 0
    before = {name: stack.secret(name) for name in WRITTEN | OTHERS}
    assert None not in before.values()
    written = stack.put("/app/db", "user", "password")
    stack.write_program(PROGRAM % True)
    assert stack.up(continue_on_error=True).result.exit_code == 1
    now = {name: stack.secret(name) for name in WRITTEN | OTHERS}
    changed = {name for name in now if now[name] != before[name]}
    assert changed == WRITTEN
    assert now["of-none"] == {"user": written["user"]}

    stack.write_program(PROGRAM % False)
    assert stack.up().result.exit_code == 0
    assert stack.secret("of-two") == written
    stack.settle()
