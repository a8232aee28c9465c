"""What a stack says of its ExternalSecrets and PushSecrets, for the command `status` and for other programs."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from .arguments.invalid import InvalidArgumentsError
from .cluster_external_secret import ClusterExternalSecret
from .cluster_push_secret import ClusterPushSecret
from .core.secret.parts import Part
from .core.status_table import CLUSTER_OUTPUT, CLUSTER_PUSH_OUTPUT, OUTPUT, PUSH_OUTPUT
from .display import some_of
from .external_secret import ExternalSecret
from .program.status_rows import Rows, export_rows, told
from .push_secret import PushSecret
from .settings.declaration import Declared

__all__ = [
    "CLUSTER_OUTPUT",
    "CLUSTER_PUSH_OUTPUT",
    "OUTPUT",
    "PUSH_OUTPUT",
    "cluster_push_status_output",
    "cluster_status_output",
    "export_status",
    "push_status_output",
    "status_output",
]


def export_status(declared: Mapping[str, ExternalSecret]) -> None:
    """Export all that the command `status` shows of what was declared: each kind as an output of its own.

    What earlier calls exported is kept, so that a program may call it once for each folder of manifests.

        export_status(declare(load_manifests("eso/")))

    Args:
        declared: what `declare` gave; or name -> ExternalSecret, where there are no other kinds.
    """
    _refuse_others(declared, ExternalSecret, "export_status")
    export_rows(OUTPUT, _secret_rows(declared))
    if not isinstance(declared, Declared):
        return
    if declared.pushes:
        export_rows(PUSH_OUTPUT, push_status_output(declared.pushes))
    if declared.cluster_secrets:
        export_rows(CLUSTER_OUTPUT, cluster_status_output(declared.cluster_secrets))
    if declared.cluster_pushes:
        export_rows(CLUSTER_PUSH_OUTPUT, cluster_push_status_output(declared.cluster_pushes))


def status_output(secrets: Mapping[str, ExternalSecret]) -> dict[str, dict[str, pulumi.Input[Any]]]:
    """What to export of ExternalSecrets, so that the command `status` can show them.

        pulumi.export(OUTPUT, status_output({"db": db, "api": api}))

    Args:
        secrets: name -> ExternalSecret. For what `declare` gave use `export_status`, which knows the other kinds, too.

    Returns:
        For each name `secret`, `namespace`, `store`, `status` (ESO's reason), `message`, `refreshTime`, `versions`, and
        `problem`: why it cannot be written, as far as its stores found that out.
    """
    _refuse_others(secrets, ExternalSecret, "status_output")
    if isinstance(secrets, Declared) and (others := _other_kinds(secrets)):
        pulumi.log.warn(
            f"`status` will not show {some_of(others)}: status_output tells of ExternalSecrets alone; write "
            "export_status(declare(...)), which exports all kinds, or status_output(declared.secrets)"
        )
    return _secret_rows(secrets)


_EXPORTS: Mapping[type[pulumi.Resource], str] = {
    ExternalSecret: "pulumi.export(OUTPUT, status_output({...}))",
    PushSecret: "pulumi.export(PUSH_OUTPUT, push_status_output({...}))",
    ClusterExternalSecret: "pulumi.export(CLUSTER_OUTPUT, cluster_status_output({...}))",
    ClusterPushSecret: "pulumi.export(CLUSTER_PUSH_OUTPUT, cluster_push_status_output({...}))",
}


def _refuse_others(given: Mapping[str, pulumi.Resource], kind: type[pulumi.Resource], function: str) -> None:
    """Refuse what is not of the kind that a function tells of.

    Raises:
        InvalidArgumentsError: the text says which, and where it goes.
    """
    for name, each in given.items():
        if not isinstance(each, kind):
            known = next((other for other in _EXPORTS if isinstance(each, other)), None)
            told = f"{known.__name__}; write {_EXPORTS[known]}" if known else type(each).__name__
            raise InvalidArgumentsError(f"{function}: {name!r} is a {told}")


def _other_kinds(declared: Declared) -> list[str]:
    kinds: dict[str, Mapping[str, pulumi.Resource]] = {
        "ClusterExternalSecret": declared.cluster_secrets,
        "ClusterPushSecret": declared.cluster_pushes,
        "PushSecret": declared.pushes,
    }
    return [f"{kind} {name!r}" for kind, each in kinds.items() for name in sorted(each)]


def _secret_rows(secrets: Mapping[str, ExternalSecret]) -> dict[str, dict[str, pulumi.Input[Any]]]:
    rows: Rows = {
        name: {
            "secret": secret.target_name,  # known even where the Secret could not be written
            "namespace": secret.namespace,
            "store": secret.store_name,
            "status": secret.status,
            "message": secret.message,
            "refreshTime": secret.refresh_time,
            "versions": secret.synced_versions,
            "problem": _problem(secret),
        }
        for name, secret in sorted(secrets.items())
    }
    return told(OUTPUT, rows)


def push_status_output(pushes: Mapping[str, PushSecret]) -> dict[str, dict[str, pulumi.Input[Any]]]:
    """What to export of PushSecrets, so that the command `status` can show them; see `status_output`.

        pulumi.export(PUSH_OUTPUT, push_status_output({"pokedex": pokedex}))

    Args:
        pushes: name -> PushSecret.
    """
    _refuse_others(pushes, PushSecret, "push_status_output")
    rows: Rows = {
        name: {
            "secret": push.secret.apply(lambda secret: secret or "by labels"),
            "namespace": push.namespace,
            "store": ", ".join(push.store_names),
            "status": push.status,
            "message": push.message,
            "refreshTime": push.refresh_time,
            "versions": push.synced_versions.apply(_flat),
            "problem": "",
        }
        for name, push in sorted(pushes.items())
    }
    return told(PUSH_OUTPUT, rows)


def cluster_status_output(
    secrets: Mapping[str, ClusterExternalSecret],
) -> dict[str, dict[str, pulumi.Input[Any]]]:
    """What to export of ClusterExternalSecrets, so that `status` can show a row for each namespace.

        pulumi.export(CLUSTER_OUTPUT, cluster_status_output({"db": db}))

    Args:
        secrets: name -> ClusterExternalSecret.
    """
    _refuse_others(secrets, ClusterExternalSecret, "cluster_status_output")
    rows: Rows = {
        name: {
            "secret": secret.secret_name,
            "store": secret.store_name,
            "status": secret.status,
            "message": secret.message,
            "refreshTime": secret.refresh_time,
            "versions": secret.synced_versions,
        }
        for name, secret in sorted(secrets.items())
    }
    return told(CLUSTER_OUTPUT, rows)


def cluster_push_status_output(pushes: Mapping[str, ClusterPushSecret]) -> dict[str, dict[str, pulumi.Input[Any]]]:
    """What to export of ClusterPushSecrets, so that `status` can show a row for each namespace.

        pulumi.export(CLUSTER_PUSH_OUTPUT, cluster_push_status_output({"pokedex": pokedex}))

    Args:
        pushes: name -> ClusterPushSecret.
    """
    _refuse_others(pushes, ClusterPushSecret, "cluster_push_status_output")
    rows: Rows = {
        name: {
            "secret": push.secret.apply(lambda secret: secret or "by labels"),
            "store": ", ".join(push.store_names),
            "status": push.status,
            "message": push.message,
            "refreshTime": push.refresh_time,
            "versions": push.synced_versions.apply(
                lambda found: {namespace: _flat(versions) for namespace, versions in found.items()}
            ),
        }
        for name, push in sorted(pushes.items())
    }
    return told(CLUSTER_PUSH_OUTPUT, rows)


def _flat(versions: Mapping[str, Mapping[str, int | str]]) -> dict[str, int | str]:
    """Versions by parameter, with the store where there are several."""
    return {
        name if len(versions) == 1 else f"{name} in {store}": version
        for store, names in versions.items()
        for name, version in names.items()
    }


def _problem(secret: ExternalSecret) -> pulumi.Output[str]:
    """Why the Secret cannot be written, as its stores found; empty where they found nothing.

    It is known where the Secret's own outputs are not, because its resource failed.
    """
    stores = list(dict.fromkeys(each.store for each in secret.entries))
    asked = [(each.place, stores.index(each.store), each.source, each.part) for each in secret.entries]

    def told(problems: Sequence[Mapping[str, str] | None], known: Sequence[Sequence[Any]]) -> str:
        found = []
        for place, store, source, part in known:
            of_store, noun = problems[int(store)] or {}, stores[int(store)].binding.service.noun
            label = Part.from_bag(part).label if part else ""
            why = of_store.get(source) or of_store.get(f"{source}, {label}")
            if why:
                found.append(f"{place}: {why}" if source in of_store else f"{place}: {noun} {source}, {why}")
        return "; ".join(found)

    if len(stores) == 1 and all(each.is_plain for each in secret.entries):  # one Output a Secret, in most programs
        return stores[0].binding.problems.apply(lambda problems: told([problems], asked))
    return pulumi.Output.all([store.binding.problems for store in stores], asked).apply(lambda got: told(*got))
