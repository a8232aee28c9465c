"""Which cluster a Secret goes to, as programs and stacks choose it, and what becomes of it when that changes."""

import json
import os
from collections.abc import Iterator

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import load_cluster
from sandbox.kubernetes import KubernetesApi
from tests.end_to_end.support import NAMESPACE, Project
from tests.support.two_clusters import merged

pytestmark = pytest.mark.slow

IMPORTS = """
import os
import pulumi
from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import Cluster, SecretStore
import pulumi_kubernetes as k8s

REF = {"password": RemoteRef("/app/db", property="password")}
text = pulumi.Output.secret(open("b.yaml").read())
"""
STORE = 'SecretStore("team-a", namespace="team-a", region="eu-central-1"'
INHERITED = f"""
class Team(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("test:index:Team", name, {{}}, opts)

b = k8s.Provider("b", kubeconfig=text)
team = Team("team", pulumi.ResourceOptions(providers=[b]))
below = Team("below", pulumi.ResourceOptions(parent=team))
store = {STORE})
ExternalSecret("db", store=store, data=REF, opts=pulumi.ResourceOptions(parent=below))
"""
CHOICES = {
    "a transformation of the provider": f"""
def guard(args):
    return pulumi.ResourceTransformationResult({{**args.props, "context": "b"}}, args.opts)

p = k8s.Provider("p", kubeconfig="both.yaml", context="a", opts=pulumi.ResourceOptions(transformations=[guard]))
ExternalSecret("db", store={STORE}), data=REF, opts=pulumi.ResourceOptions(provider=p))
""",
    "a provider of a KUBECONFIG that the program sets": f"""
os.environ["KUBECONFIG"] = "b.yaml"
b = k8s.Provider("b")
opts = pulumi.ResourceOptions(provider=b)
ExternalSecret("db", store={STORE}), data=REF, opts=opts)
""",
    "a provider whose kubeconfig the program sets as KUBECONFIG afterwards": f"""
b = k8s.Provider("b", kubeconfig="b.yaml")
os.environ["KUBECONFIG"] = "b.yaml"
ExternalSecret("db", store={STORE}), data=REF, opts=pulumi.ResourceOptions(provider=b))
""",
    "the provider of both": f"""
b = k8s.Provider("b", kubeconfig=text)
opts = pulumi.ResourceOptions(providers=[b])
k8s.core.v1.ConfigMap("marker", metadata={{"name": "marker", "namespace": "team-a"}}, data={{"x": "y"}},
    opts=pulumi.ResourceOptions(provider=b))
ExternalSecret("db", store={STORE}, opts=opts), data=REF, opts=opts)
""",
    "the store's provider, by path and context": f"""
b = k8s.Provider("b", kubeconfig="both.yaml", context="b")
ExternalSecret("db", store={STORE}, opts=pulumi.ResourceOptions(provider=b)), data=REF)
""",
    "the ExternalSecret's provider, by the name of a cluster": f"""
b = k8s.Provider("b", kubeconfig=pulumi.Output.secret(open("both.yaml").read()), context="users", cluster="b")
ExternalSecret("db", store={STORE}), data=REF, opts=pulumi.ResourceOptions(provider=b))
""",
    "parents' providers": INHERITED,
    "the store's cluster, by contents": f"""
ExternalSecret("db", store={STORE}, cluster=Cluster(kubeconfig=text)), data=REF)
""",
    "the store's cluster, a provider": f"""
b = k8s.Provider("b", kubeconfig=text)
ExternalSecret("db", store={STORE}, cluster=b), data=REF)
""",
    "the store's cluster before the provider": f"""
a = k8s.Provider("a", kubeconfig="both.yaml", context="a")
store = {STORE}, cluster=Cluster("both.yaml", "b"), opts=pulumi.ResourceOptions(provider=a))
ExternalSecret("db", store=store, data=REF)
""",
}


@pytest.fixture
def second() -> Iterator[KubernetesApi]:
    with KubernetesApi(namespaces=[NAMESPACE]) as api:
        yield api


@pytest.fixture
def both(second: KubernetesApi, project: Project) -> Project:
    """A project with `b.yaml`, and `both.yaml` with the contexts `a`, `b` and `users`: b's user at cluster a."""
    project.put("/app/db", "password")
    a = project.sandbox.kubernetes.kubeconfig_text()
    (project.path / "b.yaml").write_text(second.kubeconfig_text())
    path = merged(project.path / "both.yaml", "a", a=a, b=second.kubeconfig_text())
    path.write_text(
        path.read_text().replace("contexts:\n", "contexts:\n- {name: users, context: {cluster: a, user: b}}\n")
    )
    return project


def secrets_in(project: Project) -> dict[str, str | None]:
    """Where the Secret `db` is: context -> uid."""
    found: dict[str, str | None] = {}
    for context in ("a", "b"):
        client = KubernetesClient(load_cluster(str(project.path / "both.yaml"), context, os.environ))
        live = client.get_secret_metadata(NAMESPACE, "db")
        found[context] = live.uid if live else None
    return found


def only_in(project: Project, context: str) -> bool:
    found = secrets_in(project)
    return found.pop(context) is not None and list(found.values()) == [None]


@pytest.mark.parametrize("choice", CHOICES)
def test_the_secret_goes_where_the_program_says(both: Project, second: KubernetesApi, choice: str) -> None:
    both.write_program(IMPORTS + CHOICES[choice])
    preview = both.preview()
    assert preview.result.exit_code == 0, preview.output
    assert "values are read during up" not in preview.output, "nothing of it is unknown"
    up = both.up()
    assert up.result.exit_code == 0, up.output
    assert only_in(both, "b")
    assert second.token not in json.dumps(both.state()), "credentials are secret in the state"
    assert second.token not in preview.output + up.output
    assert both.preview().changes == {}
    destroy = both.destroy()
    assert destroy.result.exit_code == 0, destroy.output
    assert secrets_in(both) == {"a": None, "b": None}


def test_the_stacks_settings_choose_and_a_change_moves_the_secret(both: Project) -> None:
    both.config = {"kubernetes:kubeconfig": "both.yaml", "kubernetes:context": "b"}
    both.declare("db", "/app/db", "password")
    assert both.up().result.exit_code == 0
    assert only_in(both, "b")
    both.config["kubernetes:context"] = "a"
    preview = both.preview()
    assert preview.changes == {"db": "replace"} or preview.result.summary.get("replace") == 1, preview.output
    for line in ("writtenTo", '"b" => "a"'):
        assert line in preview.output
    assert both.up().result.exit_code == 0
    assert only_in(both, "a")
    assert both.destroy().result.exit_code == 0
    assert secrets_in(both) == {"a": None, "b": None}


def test_another_current_context_of_the_environment(both: Project) -> None:
    """What stood in the way was an update "Secret deleted", a Secret left behind, and exit code 0."""
    both.environment["KUBECONFIG"] = str(both.path / "both.yaml")
    both.declare("db", "/app/db", "password")
    both.up()
    assert "both.yaml" not in json.dumps(both.state()), "no path of this machine"
    path = both.path / "both.yaml"
    path.write_text(path.read_text().replace("current-context: a", "current-context: b"))
    assert both.refresh().result.exit_code == 0
    assert only_in(both, "a")
    preview = both.preview()
    assert preview.result.summary.get("replace") == 1, preview.output
    assert "Secret deleted" not in preview.output
    assert both.up().result.exit_code == 0
    assert only_in(both, "b")


def test_a_cluster_that_is_gone(both: Project, second: KubernetesApi) -> None:
    both.config = {"kubernetes:kubeconfig": "both.yaml", "kubernetes:context": "b"}
    both.declare("db", "/app/db", "password")
    both.up()
    second.__exit__(None, None, None)
    destroy = both.destroy()
    assert destroy.result.exit_code != 0
    assert f"the cluster that it was written to (context 'b', {second.url}) cannot be reached" in destroy.output
    assert "PULUMI_K8S_DELETE_UNREACHABLE=true" in destroy.output
    assert "Traceback" not in destroy.output
    both.environment["PULUMI_K8S_DELETE_UNREACHABLE"] = "true"
    destroy = both.destroy()
    assert destroy.result.exit_code == 0, destroy.output
    assert "it is dropped from the state, as deleteUnreachable says" in destroy.output
    assert [each for each in both.state() if "SecretSync" in each["type"]] == []


def test_a_setting_says_that_the_old_cluster_is_gone(both: Project, second: KubernetesApi) -> None:
    both.config = {"kubernetes:kubeconfig": "both.yaml", "kubernetes:context": "b"}
    both.declare("db", "/app/db", "password")
    both.up()
    second.__exit__(None, None, None)
    both.config["kubernetes:context"] = "a"
    up = both.up()
    assert up.result.exit_code != 0
    assert "cannot be reached" in up.output
    both.config["kubernetes:deleteUnreachable"] = "true"
    up = both.up()
    assert up.result.exit_code == 0, up.output
    assert secrets_in_first(both) is not None


def secrets_in_first(project: Project) -> str | None:
    live = project.cluster().get_secret_metadata(NAMESPACE, "db")
    return live.uid if live else None


def test_a_secret_that_is_retained_stays(both: Project) -> None:
    both.write_program(
        IMPORTS
        + f'ExternalSecret("db", store={STORE}), data=REF, opts=pulumi.ResourceOptions(retain_on_delete=True))\n'
    )
    assert both.up().result.exit_code == 0
    assert both.destroy().result.exit_code == 0
    assert only_in(both, "a")


CONTENTS = '{"users":[{"name":"u","user":{"token":"TOPSECRETTOKEN"}}]}'
REFUSED = {
    "a kubeconfig that is no file": (
        f'ExternalSecret("db", store={STORE}, cluster=Cluster(kubeconfig="TOPSECRETTOKEN")), data=REF)',
        "The kubeconfig that was given is neither the path of a file nor the contents of one",
    ),
    "contents without a context": (
        f'ExternalSecret("db", store={STORE}, cluster=Cluster(kubeconfig={CONTENTS!r})), data=REF)',
        "the kubeconfig that was given by its contents",
    ),
    "a string": (
        f'ExternalSecret("db", store={STORE}, cluster="TOPSECRETTOKEN"), data=REF)',
        (
            "cluster: expected a Cluster or a pulumi_kubernetes.Provider, got a string; a context's name goes "
            "into Cluster(context=...)"
        ),
    ),
    "a provider of another package": (
        f'import pulumi_aws as aws\nExternalSecret("db", store={STORE}, cluster=aws.Provider("p")), data=REF)',
        "cluster: expected a Cluster or a pulumi_kubernetes.Provider, got Provider",
    ),
    "two that differ": (
        (
            'a = k8s.Provider("a", kubeconfig="both.yaml", context="a")\n'
            f'ExternalSecret("db", store={STORE}, cluster=Cluster("both.yaml", "b")), data=REF, '
            "opts=pulumi.ResourceOptions(provider=a))"
        ),
        "ExternalSecret 'db': opts name a Kubernetes provider, and the store names its `cluster`",
    ),
}


@pytest.mark.parametrize("mistake", REFUSED)
def test_what_cannot_be_honoured_is_one_line_of_the_preview(both: Project, mistake: str) -> None:
    program, text = REFUSED[mistake]
    both.write_program(f"{IMPORTS}{program}\n")
    preview = both.preview()
    assert preview.result.exit_code != 0
    assert text in preview.output
    assert "Traceback" not in preview.output
    assert "TOPSECRETTOKEN" not in preview.output


def test_a_default_provider_that_the_stack_rules_out(both: Project) -> None:
    both.write_program(f"{IMPORTS}ExternalSecret('db', store={STORE}), data=REF)\n")
    both.config = {"pulumi:disable-default-providers": ["kubernetes"]}
    preview = both.preview()
    assert preview.result.exit_code != 0
    assert "disable-default-providers rules out Pulumi's default kubernetes provider" in preview.output
    assert "Traceback" not in preview.output


TRANSFORMS = """
import pulumi_aws as aws

def guard(args):
    if not args.type_.startswith("pulumi:providers:"):
        return None
    change = {"context": "b"} if args.type_.endswith("kubernetes") else {"assumeRoles": [{"roleArn": ROLE}]}
    return pulumi.ResourceTransformResult({**args.props, **change}, args.opts)

ROLE = "arn:aws:iam::222222222222:role/other"
pulumi.runtime.register_resource_transform(guard)
"""


def test_what_the_engine_makes_of_a_provider_by_transforms(both: Project, request: pytest.FixtureRequest) -> None:
    for made, words in (
        ('SecretStore("s", namespace="team-a", opts=pulumi.ResourceOptions(provider=a))', "assumeRoles of the aws"),
        (f'ExternalSecret("db", store={STORE}, cluster=k), data=REF)', "context of the kubernetes"),
    ):
        providers = 'a = aws.Provider("a", region="eu-central-1")\nk = k8s.Provider("k", kubeconfig="both.yaml")\n'
        both.write_program(f"{IMPORTS}{TRANSFORMS}{providers}{made}\n")
        for done in (both.preview(), both.up()):
            assert done.result.exit_code != 0
            if request.config.getoption("engine") == "sandbox":
                assert "stack transforms" in done.output, "it says that it knows none"
                continue
            assert f"a transform or ignore_changes changed {words} provider" in done.output
            assert "Traceback" not in done.output
    assert secrets_in(both) == {"a": None, "b": None}


def test_a_provider_whose_old_inputs_the_engine_keeps(both: Project) -> None:
    def program(context: str) -> str:
        ignored = 'opts=pulumi.ResourceOptions(ignore_changes=["context"])'
        provider = f'k = k8s.Provider("k", kubeconfig="both.yaml", context="{context}", {ignored})\n'
        return f'{IMPORTS}{provider}ExternalSecret("db", store={STORE}, cluster=k), data=REF)\n'

    both.write_program(program("a"))
    assert both.up().result.exit_code == 0
    both.write_program(program("b"))
    for done in (both.preview(), both.up()):
        assert done.result.exit_code != 0
        assert "a transform or ignore_changes changed context of the kubernetes provider 'k'" in done.output
    assert only_in(both, "a")
