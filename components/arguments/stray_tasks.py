"""Tasks that the program started and that go on when it ends, for which Pulumi does not wait.

What such a task has not declared by then would be taken for removed, and deleted.
"""

import asyncio
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi

_PATIENCE = 5.0
_LIMIT = 60.0
_OWN = (str(Path(__file__).parents[1]), str(Path(pulumi.__file__).parent))
"""The folders of this library and of Pulumi, whose tasks declare nothing more when all Outputs are known."""
_LIBRARIES = tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))


async def wait_for_tasks() -> bool:
    """Wait for those that run now.

    Returns:
        Whether there were any: then they may have declared something, or begun others.

    Raises:
        Exception: a task ended with it.
        pulumi.RunError: one goes on for a minute.
    """
    tasks = {task: place for task in asyncio.all_tasks() if (place := _place_in_program(task))}
    if not tasks:
        return False
    _, pending = await asyncio.wait(tasks, timeout=_PATIENCE)
    if pending:
        pulumi.log.info(f"waiting for {tasks[pending.pop()]}, which the program started")
        _, pending = await asyncio.wait(tasks, timeout=_LIMIT - _PATIENCE)
    if pending:
        raise pulumi.RunError(
            f"{tasks[pending.pop()]} still runs {_LIMIT:g} s after the end of the program that started it. What it "
            "declares later would be lost, and its Secrets deleted. Wait for it by `pulumi.run`, or cancel it."
        )
    for task in tasks:
        if not task.cancelled():
            task.result()
    return True


def _place_in_program(task: "asyncio.Task[Any]") -> str:
    """The task and its line, in words, if it runs code of the program; else nothing."""
    codes = list(_codes(task.get_coro()))
    if not codes or codes[0][0].startswith(_OWN):
        return ""
    return next(
        (
            f"task {name}() in {Path(file).name}, line {line}"
            for file, name, line in codes
            if not file.startswith((*_OWN, *_LIBRARIES))
        ),
        "",
    )


def _codes(coroutine: Any) -> Iterator[tuple[str, str, int]]:
    """File, name and line of a coroutine and of those that it awaits."""
    while (code := getattr(coroutine, "cr_code", None)) is not None:
        yield code.co_filename, code.co_name, code.co_firstlineno
        coroutine = coroutine.cr_await
