"""Runs the programs of `examples/` on this machine: what there is before stands in each one's sandbox.yaml."""

import base64
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import urllib3
import yaml

from .engines import Engine, real_engine, sandbox_engine
from .environment import ROOT, Sandbox

EXAMPLES = ROOT / "examples"
LIBRARY = "pulumi_parameter_store"
"""The library's name in the wheel, which examples import; in this checkout it is `components`."""
PREVIEW = ("preview", "--diff", "--stack", "dev")
UP = ("up", "--yes", "--skip-preview", "--stack", "dev")


class ExampleFailedError(Exception):
    """An example did not come out as it should."""


@dataclass(frozen=True)
class Example:
    """One example.

    Attributes:
        folder: where it is.
        namespaces: those that there are before.
        parameters: name -> value; what is no string is JSON.
        tags: name -> the parameter's tags.
        secrets: `namespace/name` -> key -> value; they are those of `external-secrets` as a field manager.
        service_accounts: `namespace/name` -> annotations.
        roles: name -> `trusts`, `allows` and `on` (names of parameters or `*`).
        keys: `namespace/name` of a Secret that holds the access keys of a new IAM user, who may read everything.
        after: `namespace/name` -> the keys of the Secret that is there in the end.
        clusters: names of EKS clusters that there are before.
        pod: the Pod that it runs in: `cluster`, `namespace`, `service_account`; its profile `admin` may do everything.
        written: the names of the parameters that are there in the end besides those from before.
        made: the names of the IAM roles that are there in the end besides those from before.
        breaks: the rules of the policy pack that it breaks; its README says why.
    """

    folder: Path
    namespaces: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    service_accounts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clusters: tuple[str, ...] = ()
    pod: Mapping[str, str] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The example in a folder."""
        said = yaml.safe_load((folder / "sandbox.yaml").read_text(encoding="utf-8"))
        said |= {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
        said["after"] = {name: tuple(keys) for name, keys in said.get("after", {}).items()}
        return cls(folder, **said)

    @property
    def title(self) -> str:
        """What it shows: the first line of its README."""
        first, *_ = (self.folder / "README.md").read_text(encoding="utf-8").splitlines()
        return first.removeprefix("# ")


def examples() -> dict[str, Example]:
    """All examples by number, in order."""
    return {folder.name.partition("-")[0]: Example.read(folder) for folder in sorted(EXAMPLES.glob("[0-9]*-*"))}


def example(number: str | None, wanted: str) -> int:
    """Run an example, or list all of them; returns an exit code.

    Args:
        number: such as `03`; None to list them.
        wanted: `pulumi`, `sandbox`, or `auto` for pulumi where it works.
    """
    known = examples()
    if number is None:
        print("\n".join(f"{each}  {one.title}" for each, one in known.items()))
        return 0
    if number.zfill(2) not in known:
        print(f"example: there is no example {number}; there are {', '.join(known)}")
        return 2
    with Sandbox() as sandbox, tempfile.TemporaryDirectory(prefix="example-") as directory:
        environment = sandbox.environment()
        real = real_engine(environment) if wanted != "sandbox" else None
        try:
            run = Run(known[number.zfill(2)], sandbox, real or sandbox_engine(), Path(directory))
            print(f"{run.example.title}\n")
            for arguments in (PREVIEW, UP):
                print(f"$ pulumi {' '.join(arguments)}\n{run.operate(*arguments)}")
            print("\n".join(run.results()))
        except ExampleFailedError as error:
            print(f"\nThe example FAILED: {error}")
            return 1
    return 0


class Run:
    """An example in a sandbox, with what there is before.

    Attributes:
        example: the example.
    """

    def __init__(self, example: Example, sandbox: Sandbox, engine: Engine, directory: Path) -> None:
        """Copy the example, with the library beside it under the name that the wheel gives it, and prepare the sandbox.

        Args:
            example: the example.
            sandbox: where it runs.
            engine: what runs it.
            directory: a folder for its copy.
        """
        self.example = example
        self._sandbox = sandbox
        self._engine = engine
        self._environment = sandbox.environment()
        self._project = directory / "project"
        shutil.copytree(example.folder, self._project)
        shutil.copytree(ROOT / "components", self._project / LIBRARY)
        (self._project / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
        self._prepare()
        if example.pod:
            self._environment = self._in_pod(directory, **example.pod)
        engine.prepare(self._project, self._environment)

    def _prepare(self) -> None:
        example, aws = self.example, self._sandbox.aws
        for name in example.namespaces:
            self._sandbox.kubernetes.create_namespace(name)
        for name in example.clusters:
            nodes = f"arn:aws:iam::{aws.account}:role/cluster"
            aws.client("eks").create_cluster(name=name, roleArn=nodes, resourcesVpcConfig={})
        for name, value in example.parameters.items():
            aws.put_parameter(name, value if isinstance(value, str) else json.dumps(value), "SecureString")
        for name, tags in example.tags.items():
            listed = [{"Key": key, "Value": value} for key, value in tags.items()]
            aws.client("ssm").add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=listed)
        for place, data in example.secrets.items():
            self._write("secrets", place, {"data": _encoded(data)}, manager="external-secrets")
        for place, annotations in example.service_accounts.items():
            self._write("serviceaccounts", place, {"metadata": {"annotations": annotations}})
        for name, role in example.roles.items():
            self._make_role(name, role)
        for place in example.keys:
            self._write("secrets", place, {"data": _encoded(self._make_user(place.rpartition("/")[2]))})

    def _in_pod(self, directory: Path, cluster: str, namespace: str, service_account: str) -> dict[str, str]:
        """The environment of a Pod whose credentials are those of EKS Pod Identity."""
        place = f"{namespace}/{service_account}"
        self._write("serviceaccounts", place, {})
        asked = {"spec": {"audiences": ["pods.eks.amazonaws.com"]}}
        token = self.request("POST", f"serviceaccounts/{service_account}/token", place, asked)
        if token is None:
            raise ExampleFailedError(f"there is no token of {place}")
        (directory / "pod-token").write_text(token["status"]["token"], encoding="utf-8")
        keys = {name: self._environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        lines = ["[admin]", *(f"{name.lower()} = {value}" for name, value in keys.items()), ""]
        (directory / "credentials").write_text("\n".join(lines), encoding="utf-8")
        agent = f"{self._sandbox.aws.url}/sandbox/pod-identity/{cluster}/v1/credentials"
        return {name: value for name, value in self._environment.items() if name not in keys} | {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": agent,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(directory / "pod-token"),
            "AWS_SHARED_CREDENTIALS_FILE": str(directory / "credentials"),
        }

    def _make_role(self, name: str, role: Mapping[str, Any]) -> None:
        iam, trusts = self._sandbox.aws.client("iam"), role["trusts"]
        principal: dict[str, Any] = {"AWS": trusts}
        statement: dict[str, Any] = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"]}
        if trusts.startswith("system:serviceaccount:"):
            issuer = self._sandbox.kubernetes.issuer
            host = issuer.removeprefix("https://")
            made = iam.create_open_id_connect_provider(
                Url=issuer, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
            )
            principal = {"Federated": made["OpenIDConnectProviderArn"]}
            equal = {f"{host}:sub": trusts, f"{host}:aud": "sts.amazonaws.com"}
            statement |= {"Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": equal}}
        trust = _document({**statement, "Principal": principal})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        allows = _document({"Effect": "Allow", "Action": role["allows"], "Resource": role.get("on", "*")})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=allows)

    def _make_user(self, name: str) -> dict[str, str]:
        iam = self._sandbox.aws.client("iam")
        iam.create_user(UserName=name)
        everything = _document({"Effect": "Allow", "Action": ["ssm:*", "sts:*"], "Resource": "*"})
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=everything)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return {"access-key": made["AccessKeyId"], "secret-access-key": made["SecretAccessKey"]}

    def operate(self, *arguments: str) -> str:
        """Run an operation; returns what it printed.

        Raises:
            ExampleFailedError: it failed.
        """
        done = self._engine.run(self._project, self._environment, *arguments)
        if done.returncode:
            raise ExampleFailedError(f"`pulumi {' '.join(arguments)}` failed:\n{done.stdout}")
        return done.stdout

    def results(self) -> list[str]:
        """What is there in the end, by name and key.

        Raises:
            ExampleFailedError: it is not what sandbox.yaml says.
        """
        told = []
        for place, keys in self.example.after.items():
            secret = self.request("GET", "secrets", place)
            found = sorted((secret or {}).get("data") or {})
            if found != sorted(keys):
                raise ExampleFailedError(f"Secret {place} has the keys {found}, not {sorted(keys)}")
            told.append(f"Secret {place}: {', '.join(found)}")
        for name in self.example.written:
            got = self._sandbox.aws.client("ssm").get_parameters(Names=[name])["Parameters"]
            if not got:
                raise ExampleFailedError(f"there is no parameter {name}")
            told.append(f"Parameter {name}: version {got[0]['Version']}")
        roles = {each["RoleName"] for each in self._sandbox.aws.client("iam").list_roles()["Roles"]}
        for name in self.example.made:
            if name not in roles:
                raise ExampleFailedError(f"there is no role {name}")
            told.append(f"Role {name}")
        return told

    def _write(self, kind: str, place: str, body: dict[str, Any], manager: str = "kubectl") -> None:
        name = place.rpartition("/")[2]
        metadata = {"name": name, **body.pop("metadata", {})}
        if self.request("POST", kind, place, {"metadata": metadata, **body}, manager) is None:
            raise ExampleFailedError(f"{kind} {place} cannot be written: is its namespace among the example's?")

    def request(
        self, method: str, kind: str, place: str, body: dict[str, Any] | None = None, manager: str = ""
    ) -> dict[str, Any] | None:
        """Ask the cluster about the object at `namespace/name`; None where it does not do so."""
        namespace, _, name = place.partition("/")
        root = "apis/apps" if kind == "deployments" else "api"
        url = f"{self._sandbox.kubernetes.url}/{root}/v1/namespaces/{namespace}/{kind}"
        url += f"?fieldManager={manager}" if body else f"/{name}"
        headers = {"Authorization": f"Bearer {self._sandbox.kubernetes.token}"}
        with urllib3.PoolManager(headers=headers) as http:
            answer = http.request(method, url, json=body)
        found: dict[str, Any] = answer.json()
        return found if answer.status < 300 else None  # noqa: PLR2004  HTTP's own number


def _encoded(data: Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
