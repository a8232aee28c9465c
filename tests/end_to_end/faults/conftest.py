"""A stack with three Secrets, whose AWS and Kubernetes fail on demand; what it left behind is scanned for values."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.environment import Kubernetes, Sandbox
from tests.end_to_end.engines import ProjectEngine
from tests.end_to_end.faults.support import Stack
from tests.end_to_end.support import NAMESPACE, Project


@pytest.fixture
def empty_cluster(
    tmp_path: Path,
    kubernetes: Kubernetes,
    engine: ProjectEngine,
    finish: Callable[[Project], None],
    grouped: dict[str, bool],
) -> Iterator[Stack]:
    """The stack before anything was deployed, with no namespace to deploy it to."""
    with Sandbox(kubernetes=kubernetes) as sandbox:
        stack = Stack(sandbox, tmp_path, engine)
        stack.config |= grouped
        yield stack
        finish(stack)


@pytest.fixture
def stack(empty_cluster: Stack) -> Stack:
    """The stack before anything was deployed."""
    empty_cluster.sandbox.kubernetes.create_namespace(NAMESPACE)
    return empty_cluster
