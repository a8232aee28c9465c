"""What reaches the executor from the program and from the user, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.engine.goal import Goal
from sandbox.engine.steps import Answer
from sandbox.engine.values import PropertyMap


@dataclass(frozen=True)
class Registration:
    """The program registers a resource."""

    goal: Goal
    answer: Answer


@dataclass(frozen=True)
class Read:
    """The program reads a resource that it does not manage."""

    goal: Goal
    id: str
    answer: Answer


@dataclass(frozen=True)
class Outputs:
    """The program tells the outputs of a component."""

    urn: str
    outputs: PropertyMap
    done: Callable[[], None]


@dataclass(frozen=True)
class Ended:
    """The program has ended; an error says why it must not be taken as complete (already reported if empty)."""

    error: str | None


@dataclass(frozen=True)
class Stopped:
    """A step failed or the user interrupted: nothing more is started."""


SourceEvent = Registration | Read | Outputs | Ended | Stopped
