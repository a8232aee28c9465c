"""Runs a case through the sandbox: its manifests by this repository's own program, its other objects by hand."""

import base64
import copy
import io
import json
import re
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import urllib3
import yaml

from components.core.spec.groups import HIDDEN, PUSHES, SECRETS, GroupKind
from components.core.spec.refresh import parse_duration
from components.errors import SpecError
from sandbox.aws.api import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from sandbox.engine.checkpoint import Checkpoint
from sandbox.engine.errors import EngineError
from sandbox.engine.operations import Options, Result, run
from sandbox.environment import Sandbox, copy_project
from tools.conformance.cases import CREDENTIALS, Case, Condition, Observed, Spread, Step

_MANIFESTS = {
    "externalsecret": "ExternalSecret",
    "pushsecret": "PushSecret",
    "secretstore": "SecretStore",
    "clustersecretstore": "ClusterSecretStore",
    "clusterexternalsecret": "ClusterExternalSecret",
    "clusterpushsecret": "ClusterPushSecret",
}
_WIDE = {
    "clusterexternalsecret": ("ClusterSecretSync", "externalSecretName", "externalsecret"),
    "clusterpushsecret": ("ClusterSecretPush", "pushSecretName", "pushsecret"),
}
"""Cluster-wide kind -> its dynamic resource, the field that names its children, and their kind."""
_FAILED_OF_GROUPS = r"^(?:\* )?%ss? (\S+/\S+(?:, \S+/\S+)*): (.*)$"
_GROUPS = {"externalsecret": SECRETS, "pushsecret": PUSHES}
_FAILED_NAMESPACES = re.compile(r"^(?:\* )?namespaces? ([a-z0-9-]+(?:, [a-z0-9-]+)*): (.*)$", re.MULTILINE)
_PLURALS = {"secret": "secrets", "configmap": "configmaps", "serviceaccount": "serviceaccounts"}
_SECONDS_BETWEEN_STEPS = 5.0  # "some seconds", says the recording
_FAILED = {"externalsecret": "SecretSyncedError", "pushsecret": "Errored"}
_FORCED = "parameter-store:forceSync=true"
_RESOURCES = {"externalsecret": ":SecretSync", "pushsecret": ":SecretPush"}
_ROLE = re.compile(r"arn:aws:iam::123456789012:role(/(?:[\w+=,.@-]+/)*)([\w+=,.@-]+)")
_ALIAS = re.compile(r'"kmsKeyI[dD]": "(alias/(?!aws/)[\w/-]+)"')
_ARN_OF = re.compile(r"(PARTIAL_)?ARN_OF\(([^)]+)\)")
_TRUST = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}'
_RIGHTS = {"GetParameter": ("GetParameter", "GetParameters")}
"""What a denial of an operation takes away, where we do by another one what ESO does by it."""
_OUR_PREFIX = "pulumi-parameter-store/"
_OUR_LABEL = ("app.kubernetes.io/managed-by", "pulumi-parameter-store")


class UnrunnableError(Exception):
    """A case cannot be run here; the text says why."""


class Runner:
    """One sandbox for many cases, each with a namespace and a stack of its own."""

    def __init__(self, *, grouped: bool = False) -> None:
        """Say whether stores keep their ExternalSecrets in one resource."""
        self._grouped = grouped

    def __enter__(self) -> Self:
        """Start the sandbox."""
        self._stack = ExitStack()
        self._sandbox = self._stack.enter_context(Sandbox())
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-"))
        self._project = copy_project(Path(folder))
        kubernetes = self._sandbox.kubernetes
        self._http = self._stack.enter_context(urllib3.PoolManager())
        self._authorization = f"Bearer {kubernetes.token}"
        self._url = f"{kubernetes.url}/api/v1/namespaces"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self._stack.__exit__(kind, error, trace)

    def run(self, case: Case) -> list[Observed]:
        """What is there after each step.

        Raises:
            UnrunnableError: the sandbox does not take something that the case asks for.
        """
        self._begin([case])
        manifests: dict[tuple[str, str], dict[str, Any]] = {}
        created = {CREDENTIALS}
        seen = []
        denied: tuple[str, ...] = ()
        for number, step in enumerate(case.steps):
            if number:
                time.sleep(_interval_to_wait_for(manifests.values()))
            self._do(step, case.namespace, manifests, created)
            denied = denied if step.denied is None else step.denied
            for name in (right for each in denied for right in _RIGHTS.get(each, (each,))):
                self._sandbox.aws.faults.deny(f"*:{name}")
            result = self._up(case.namespace, manifests.values(), forced=step.forced)
            self._sandbox.aws.faults.clear()  # what was observed was so by somebody who may look at all
            seen.append(self._observed(case.namespace, case.namespace, step, manifests, created, result))
        return seen

    def run_together(self, cases: Sequence[Case]) -> list[list[Observed]]:
        """What is there after the one step of each case, all by one operation of one stack; see `may_run_together`.

        Raises:
            UnrunnableError: see `run`.
        """
        self._begin(cases)
        given: list[tuple[dict[tuple[str, str], dict[str, Any]], set[str]]] = [({}, {CREDENTIALS}) for _ in cases]
        for case, (manifests, created) in zip(cases, given, strict=True):
            self._do(case.steps[0], case.namespace, manifests, created)
        stack = cases[0].namespace
        result = self._up(stack, [each for manifests, _ in given for each in manifests.values()], forced=False)
        return [
            [self._observed(stack, case.namespace, case.steps[0], manifests, created, result)]
            for case, (manifests, created) in zip(cases, given, strict=True)
        ]

    def _begin(self, cases: Sequence[Case]) -> None:
        self._sandbox.aws.reset()
        self._let_all_in(cases)
        keys = {"access-key": ACCESS_KEY_ID, "secret-access-key": SECRET_ACCESS_KEY}
        for case in cases:
            self._sandbox.kubernetes.create_namespace(case.namespace)
            self._send("POST", f"{case.namespace}/secrets", {"metadata": {"name": CREDENTIALS}, "stringData": keys})

    def _observed(
        self,
        stack: str,
        namespace: str,
        step: Step,
        manifests: Mapping[tuple[str, str], Mapping[str, Any]],
        created: set[str],
        result: Result,
    ) -> Observed:
        own = self._conditions(stack, manifests, result, "externalsecret")
        pushes = self._conditions(stack, manifests, result, "pushsecret")
        spreads, children = self._spreads(stack, manifests, result)
        return Observed(
            {**children.get(("externalsecret", namespace), {}), **own},
            self._secrets(namespace, created - step.observed.secrets.keys()),
            pushes={**children.get(("pushsecret", namespace), {}), **pushes},
            parameters=self._parameters(),
            secrets_manager=None if step.observed.secrets_manager is None else self._kept_secrets(),
            spreads=spreads,
            namespaces={
                name: Observed(children.get(("externalsecret", name), {}), self._secrets(name, set()))
                for name in step.observed.namespaces
            },
        )

    def _let_all_in(self, cases: Sequence[Case]) -> None:
        """As with moto itself, of which cases are recorded: no policies count, and every role and key is there."""
        self._sandbox.aws.authorises = False
        iam = self._sandbox.aws.client("iam")
        kms = self._sandbox.aws.client("kms")
        applied = json.dumps([step.apply for case in cases for step in case.steps])
        for alias in sorted(set(_ALIAS.findall(applied))):
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName=alias, TargetKeyId=key)
        for path, name in sorted(set(_ROLE.findall(applied))):
            iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=_TRUST)

    def _do(
        self, step: Step, namespace: str, manifests: dict[tuple[str, str], dict[str, Any]], created: set[str]
    ) -> None:
        for parameter in step.put:
            self._put(parameter)
        for name in step.drop:
            self._sandbox.aws.client("ssm").delete_parameter(Name=name)
        for name, tags in step.retag.items():
            self._retag(name, tags)
        for what, given in step.secrets:
            self._secrets_manager(what, given)
        for each in self._with_arns(step.apply):
            self._apply(each, namespace, manifests, created)
        for kind, name, patch in step.edit:
            self._edit(kind, name, patch, namespace, manifests)
        for kind, name in step.remove:
            if kind in _MANIFESTS:
                del manifests[kind, name]
            else:
                self._send("DELETE", f"{namespace}/{_plural(kind)}/{name}")

    def _edit(
        self,
        kind: str,
        name: str,
        patch: Mapping[str, Any],
        namespace: str,
        manifests: dict[tuple[str, str], dict[str, Any]],
    ) -> None:
        if (kind, name) in manifests:
            _merge(manifests[kind, name], patch)
        elif kind not in _MANIFESTS:  # what the operator itself made of manifests is not here to be edited
            path = name if kind == "namespace" else f"{namespace}/{_plural(kind)}/{name}"
            self._send("PATCH", f"{path}?fieldManager=kubectl-edit", patch, "application/merge-patch+json")

    def _put(self, parameter: Mapping[str, Any]) -> None:
        self._sandbox.aws.put_parameter(parameter["Name"], parameter["Value"], parameter["Type"])
        if labels := parameter.get("Labels"):
            self._sandbox.aws.client("ssm").label_parameter_version(Name=parameter["Name"], Labels=labels)
        # Some recorded cases have tags that only the recorder's AWS admits.
        self._sandbox.aws.hold_tags(parameter["Name"], dict(parameter["Tags"]))

    def _retag(self, name: str, tags: Mapping[str, Any]) -> None:
        ssm = self._sandbox.aws.client("ssm")
        if added := [{"Key": key, "Value": value} for key, value in (tags.get("add") or {}).items()]:
            ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=added)
        if removed := list(tags.get("remove") or ()):
            ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=name, TagKeys=removed)

    def _secrets_manager(self, what: str, given: Iterable[Any]) -> None:
        """Do to secrets of Secrets Manager what a field of a step says."""
        client = self._sandbox.aws.client("secretsmanager")
        for each in given:
            match what:
                case "put_secrets":
                    self._put_secret(client, each)
                case "drop_secrets":
                    client.delete_secret(**{"SecretId": each["Name"]} | {k: v for k, v in each.items() if k != "Name"})
                case "restore_secrets":
                    client.restore_secret(SecretId=each)
                case "move_stages":
                    moved = {key: value for key, value in each.items() if key != "Name"}
                    client.update_secret_version_stage(SecretId=each["Name"], **moved)
                case _:
                    raise UnrunnableError(f"{what} is not known here")

    def _kept_secrets(self) -> dict[str, dict[str, Any]]:
        """All secrets of Secrets Manager, without our own mark."""
        client, found = self._sandbox.aws.client("secretsmanager"), {}
        for page in client.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True):
            for each in page["SecretList"]:
                told = client.describe_secret(SecretId=each["ARN"])
                listed = client.list_secret_version_ids(SecretId=each["ARN"], IncludeDeprecated=True)
                tags = {tag["Key"]: tag["Value"] for tag in told.get("Tags") or ()}
                kept: dict[str, Any] = {
                    "versions": len(listed["Versions"]),
                    "description": told.get("Description"),
                    "kms_key_id": told.get("KmsKeyId"),
                    "tags": {name: tags[name] for name in tags if not name.startswith(_OUR_PREFIX)},
                    "replicas": sorted(copy_["Region"] for copy_ in told.get("ReplicationStatus") or ()),
                }
                if "DeletedDate" in told:
                    days = (told["DeletedDate"] - told["LastChangedDate"]).total_seconds() / 86_400
                    kept["deletion_scheduled_in_days"] = round(days)
                else:
                    kept |= self._value_and_policy(client, each["ARN"])
                found[each["Name"]] = kept
        return found

    def _value_and_policy(self, client: Any, arn: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        with suppress(client.exceptions.ResourceNotFoundException):
            value = client.get_secret_value(SecretId=arn)
            if "SecretBinary" in value:
                found["binary"] = base64.b64encode(value["SecretBinary"]).decode()
            else:
                found["string"] = value["SecretString"]
        policy = client.get_resource_policy(SecretId=arn).get("ResourcePolicy")
        return found | ({"resource_policy": json.loads(policy)} if policy else {})

    def _put_secret(self, client: Any, given: Mapping[str, Any]) -> None:
        """Create a secret, or write a new version of one that is there; schedule its deletion where that is said."""
        content = {"SecretString": given["SecretString"]} if "SecretString" in given else {}
        if "SecretBinary" in given:
            content = {"SecretBinary": base64.b64decode(given["SecretBinary"])}
        if content and "VersionId" in given:
            content["ClientRequestToken"] = given["VersionId"]
        more = {key: given[key] for key in ("Description", "KmsKeyId") if given.get(key)}
        tags = [{"Key": key, "Value": value} for key, value in (given.get("Tags") or {}).items()]
        try:
            client.describe_secret(SecretId=given["Name"])
        except client.exceptions.ResourceNotFoundException:
            client.create_secret(Name=given["Name"], **content, **more, **({"Tags": tags} if tags else {}))
        else:
            stages = {"VersionStages": given["VersionStages"]} if "VersionStages" in given else {}
            client.put_secret_value(SecretId=given["Name"], **content, **stages)
        if policy := given.get("ResourcePolicy"):
            text = policy if isinstance(policy, str) else json.dumps(policy)
            client.put_resource_policy(SecretId=given["Name"], ResourcePolicy=text)
        if days := given.get("ScheduledForDeletion"):
            client.delete_secret(SecretId=given["Name"], RecoveryWindowInDays=days)

    def _with_arns(self, bodies: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Objects in which `ARN_OF(name)` stands for a secret's ARN, `PARTIAL_ARN_OF(name)` for it without its end."""
        client = self._sandbox.aws.client("secretsmanager")

        def arn(found: re.Match[str]) -> str:
            whole = str(client.describe_secret(SecretId=found[2])["ARN"])
            return whole.rpartition("-")[0] if found[1] else whole

        return [json.loads(_ARN_OF.sub(arn, json.dumps(body))) for body in bodies]

    def _parameters(self) -> dict[str, dict[str, Any]]:
        """All parameters, without our own mark."""
        ssm, found = self._sandbox.aws.client("ssm"), {}
        for page in ssm.get_paginator("describe_parameters").paginate():
            for told in page["Parameters"]:
                name = told["Name"]
                value = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
                tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
                policies = [json.loads(each["PolicyText"]) for each in told.get("Policies") or ()]
                found[name] = {
                    "value": value,
                    "type": told["Type"],
                    "version": told["Version"],
                    "tier": told["Tier"],
                    "key_id": told.get("KeyId") if told["Type"] == "SecureString" else None,
                    "description": told.get("Description"),
                    "tags": {each["Key"]: each["Value"] for each in tags if not each["Key"].startswith(_OUR_PREFIX)},
                    **({"policies": policies} if policies else {}),
                }
        return found

    def _apply(
        self,
        body: Mapping[str, Any],
        namespace: str,
        manifests: dict[tuple[str, str], dict[str, Any]],
        created: set[str],
    ) -> None:
        kind, metadata = body["kind"].lower(), dict(body["metadata"])
        if kind == "namespace":
            if metadata["name"] != namespace:
                self._sandbox.kubernetes.create_namespace(metadata["name"])
            labels = {"metadata": {"labels": metadata.get("labels") or {}}}
            self._send("PATCH", metadata["name"], labels, "application/merge-patch+json")
            return
        if not kind.startswith("cluster"):
            metadata.setdefault("namespace", namespace)
        if kind in _MANIFESTS:
            manifests[kind, metadata["name"]] = {**copy.deepcopy(dict(body)), "metadata": metadata}
            return
        if kind == "secret" and metadata["namespace"] == namespace:
            created.add(metadata["name"])
        path = f"{metadata['namespace']}/{_plural(kind)}/{metadata['name']}?fieldManager=conformance&force=true"
        self._send("PATCH", path, {"apiVersion": "v1", **body, "metadata": metadata}, "application/apply-patch+yaml")

    def _up(self, stack: str, manifests: Iterable[Mapping[str, Any]], *, forced: bool) -> Result:
        folder = self._project / stack
        folder.mkdir(exist_ok=True)
        # PyYAML would write `y` and `n` without the quotes without which they are booleans to kubectl.
        texts = [json.dumps(manifest, ensure_ascii=False) for manifest in manifests]
        (folder / "manifests.yaml").write_text("\n---\n".join(texts), encoding="utf-8")
        settings = {
            "config": {
                "parameter-store:manifests": [f"{stack}/manifests.yaml"],
                "parameter-store:grouped": self._grouped,
            }
        }
        (self._project / "stacks" / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        options = Options(
            stack=stack,
            cwd=self._project,
            skip_preview=True,
            continue_on_error=True,
            config=(_FORCED,) if forced else (),
            environment=self._sandbox.environment(),
        )
        try:
            return run("up", options, io.StringIO())
        except EngineError as error:
            raise UnrunnableError(f"the engine could not start: {error}") from None

    def _conditions(
        self, stack: str, manifests: Mapping[tuple[str, str], Mapping[str, Any]], result: Result, wanted: str
    ) -> dict[str, Condition]:
        """Whether each object of a kind was seen to in this operation, and what was said where it was not."""
        state = Checkpoint(self._sandbox.home / "state", "parameter-store", stack).read()
        outputs = {each["urn"]: each.get("outputs") or {} for each in state.get("resources") or []}
        conditions = {}
        kept, refused = _of_groups(_GROUPS[wanted], outputs, result)
        for kind, name in manifests:
            if kind != wanted:
                continue
            title = f"{manifests[kind, name]['metadata']['namespace']}/{name}"
            mine = f"{_RESOURCES[kind]}::{title}"
            if title in refused:
                conditions[name] = Condition(False, _FAILED[kind], refused[title])
                continue
            if title in kept:
                conditions[name] = _condition(kept[title])
                continue
            failed = [step.error for step in result.steps if step.urn.endswith(mine) and step.error]
            done = [step.urn for step in result.steps if step.urn.endswith(mine) and not step.error]
            if done and not failed:
                conditions[name] = _condition(outputs.get(done[-1], {}))
            else:
                conditions[name] = Condition(False, _FAILED[kind], "\n".join(_said(result, mine)))
        for step in result.steps:  # one that is declared no more and could not be let go stays, as an object does
            _, found, title = step.urn.partition(f"{_RESOURCES[wanted]}::")
            name = title.rpartition("/")[2]
            if found and step.error and (wanted, name) not in manifests:
                conditions[name] = Condition(False, _FAILED[wanted], step.error)
        gone = {title.rpartition("/")[2]: text for title, text in refused.items()}
        conditions |= {n: Condition(False, _FAILED[wanted], t) for n, t in gone.items() if (wanted, n) not in manifests}
        return conditions

    def _spreads(
        self, stack: str, manifests: Mapping[tuple[str, str], Mapping[str, Any]], result: Result
    ) -> tuple[dict[str, Spread], dict[tuple[str, str], dict[str, Condition]]]:
        """What cluster-wide kinds came to, and, by kind and namespace, what became of each child."""
        state = Checkpoint(self._sandbox.home / "state", "parameter-store", stack).read()
        outputs = {each["urn"]: each.get("outputs") or {} for each in state.get("resources") or []}
        spreads: dict[str, Spread] = {}
        children: dict[tuple[str, str], dict[str, Condition]] = {}
        for kind, name in manifests:
            if kind not in _WIDE:
                continue
            resource, field, child_kind = _WIDE[kind]
            mine = f":{resource}::{name}"
            child = manifests[kind, name]["spec"].get(field) or name
            told = next((each for urn, each in outputs.items() if urn.endswith(mine)), None)
            said = "\n".join(_said(result, mine)) if any(s.urn.endswith(mine) and s.error for s in result.steps) else ""
            failed = {at: text for names, text in _FAILED_NAMESPACES.findall(said) for at in names.split(", ")}
            there = (told or {}).get("namespaces") or {}
            for at, bag in there.items():
                children.setdefault((child_kind, at), {})[child] = _condition(bag)
            for at, text in failed.items():
                children.setdefault((child_kind, at), {})[child] = Condition(False, _FAILED[child_kind], text)
            ready = told is not None and not said
            fine = tuple(sorted(there.keys() - failed.keys()))
            spreads[f"{_MANIFESTS[kind]}/{name}"] = Spread(ready, fine, tuple(sorted(failed)))
        return spreads, children

    def _secrets(self, namespace: str, sources: set[str]) -> dict[str, dict[str, Any]]:
        """The Secrets of a namespace but for those that a case itself made to read from."""
        found = {}
        for item in self._send("GET", f"{namespace}/secrets")["items"]:
            metadata = item["metadata"]
            if metadata["name"] not in sources:
                labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
                found[metadata["name"]] = {
                    "data": item.get("data") or {},
                    "type": item["type"],
                    "immutable": bool(item.get("immutable")),
                    "labels": {name: value for name, value in labels.items() if (name, value) != _OUR_LABEL},
                    "annotations": {k: v for k, v in annotations.items() if not k.startswith(_OUR_PREFIX)},
                }
        return found

    def _send(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": kind, "Authorization": self._authorization}
        answer = self._http.request(method, f"{self._url}/{path}", body=content, headers=headers)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise UnrunnableError(f"{method} {path}: the API server says {answer.json().get('message')}")
        return answer.json()


def _condition(told: Mapping[str, Any]) -> Condition:
    """What outputs say, where the operation did not fail."""
    status = told.get("status", "")
    return Condition(status != "SourceDeleted", status, told.get("message", ""))


def _of_groups(
    kind: GroupKind, outputs: Mapping[str, Mapping[str, Any]], result: Result
) -> tuple[dict[str, Mapping[str, Any]], dict[str, str]]:
    """What all groups of a kind keep: title -> what is kept of it, and title -> why it failed."""
    resource = f":{kind.resource.rpartition(':')[2]}::"
    kept = {
        name.removeprefix(HIDDEN): own
        for urn, told in outputs.items()
        if resource in urn
        for name, own in (told.get(kind.kept) or {}).items()
        if name.startswith(HIDDEN)
    }
    errors = [text for urn, severity, text in result.diagnostics if severity == "error" and resource in urn]
    errors += [step.error for step in result.steps if step.error and resource in step.urn]
    refused: dict[str, str] = {}
    for titles, text in re.findall(_FAILED_OF_GROUPS % kind.noun, "\n".join(errors), re.MULTILINE):
        refused |= dict.fromkeys(titles.split(", "), text)
    return kept, refused


def _said(result: Result, mine: str) -> list[str]:
    """What an operation said of a Secret; of the store or the program where it never came to the Secret."""
    errors = [(urn, text.strip()) for urn, severity, text in result.diagnostics if severity == "error"]
    own = [text for urn, text in errors if urn.endswith(mine)]
    own += [step.error for step in result.steps if step.urn.endswith(mine) and step.error]
    return list(dict.fromkeys(own or [text for _, text in errors]))


def _interval_to_wait_for(manifests: Iterable[Mapping[str, Any]]) -> float:
    """Seconds until all of the refresh intervals have passed that passed between two steps of a recording."""
    seconds = [0.0]
    for each in manifests:
        with suppress(SpecError):
            seconds.append(parse_duration(str((each.get("spec") or {}).get("refreshInterval") or "0")))
    return max(each for each in seconds if each <= _SECONDS_BETWEEN_STEPS)


def _plural(kind: str) -> str:
    if kind not in _PLURALS:
        raise UnrunnableError(f"objects of kind {kind} cannot be made here")
    return _PLURALS[kind]


def _merge(value: dict[str, Any], patch: Mapping[str, Any]) -> None:
    """Apply a JSON merge patch (RFC 7386)."""
    for name, each in patch.items():
        if each is None:
            value.pop(name, None)
        elif isinstance(each, Mapping):
            if not isinstance(value.get(name), dict):
                value[name] = {}
            _merge(value[name], each)
        else:
            value[name] = each
