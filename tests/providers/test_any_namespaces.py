"""Whatever becomes of namespaces and Secrets: one `up` settles it, and what is not ours is left alone."""

import base64

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.clients.kubernetes.lookups import namespace_labels
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import cluster
from tests.providers.wide_support import TEAMS, WideSecret, namespace

NAMESPACES = ("team-a", "n-1", "n-2", "taken")
EVENTS = st.one_of(
    st.tuples(st.sampled_from(("on", "off", "edit", "delete")), st.sampled_from(NAMESPACES[:3])),
    st.tuples(st.sampled_from(("name", "rotate")), st.sampled_from(("db", "login"))),
)


def happen(kubernetes: KubernetesApi, aws: AwsApi, stack: WideSecret, kind: str, where: str) -> None:
    if kind in ("on", "off"):
        namespace(kubernetes, where, kind="team" if kind == "on" else None)
    elif kind == "name":
        stack.more["secretName"] = where
    elif kind == "rotate":
        aws.put_parameter("/prod/db", f"s3cr3t of {len(stack.inputs)} {where}")
    else:
        live = cluster().get_secret_metadata(where, stack.more["secretName"])
        if live is not None and kind == "delete":
            cluster().delete_secret(where, live.name, uid=live.uid)
        elif live is not None:
            cluster("kubectl-edit").apply_secret(where, live.name, {"data": {"password": "eA=="}}, force=True)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.lists(EVENTS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_one_up_settles_it(kubernetes: KubernetesApi, aws: AwsApi, steps: list[list[tuple[str, str]]]) -> None:
    aws.reset()
    aws.put_parameter("/prod/db", "s3cr3t")
    for each in NAMESPACES:
        namespace(kubernetes, each, kind=None)
    for name in ("db", "login"):
        cluster("kubectl").apply_secret("taken", name, {"data": {"theirs": "eA=="}}, force=False)
    stack = WideSecret(TEAMS)
    for events in steps:
        for event in events:
            happen(kubernetes, aws, stack, *event)
        assert stack.up().change != "failed"
        chosen = {each for each in NAMESPACES if namespace_labels(cluster(), each).get("kind") == "team"}
        value = aws.client("ssm").get_parameter(Name="/prod/db", WithDecryption=True)["Parameter"]["Value"]
        for each in NAMESPACES[:3]:
            for name in ("db", "login"):
                secret = cluster().get_secret(each, name)
                wanted = each in chosen and name == stack.more["secretName"]
                held = base64.b64decode(secret["data"]["password"]).decode() if secret else None
                assert held == (value if wanted else None), (each, name, events)
        assert stack.preview().change == "same", events
    stack.destroy()
    assert all(cluster().get_secret(each, name) is None for each in NAMESPACES[:3] for name in ("db", "login"))
    assert all((cluster().get_secret("taken", name) or {})["data"] == {"theirs": "eA=="} for name in ("db", "login"))
