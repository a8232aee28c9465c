"""Tasks that the program started and that go on when it ends, for which Pulumi does not wait.

What such a task has not declared by then would be taken for removed, and deleted.
"""

import asyncio
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, CoroutineType
from typing import Any

import pulumi
from pulumi.runtime.settings import get_root_directory

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
    others = asyncio.all_tasks() - {asyncio.current_task()}
    tasks = {task: place for task in others if (place := _place_in_program(task))}
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
    if not codes or codes[0].co_filename.startswith(_OWN):
        return ""
    own = next((code for code in codes if _is_of_program(Path(code.co_filename).absolute())), None)
    return f"task {own.co_name}() in {Path(own.co_filename).name}, line {own.co_firstlineno}" if own else ""


def _is_of_program(file: Path) -> bool:
    folders = (Path(str(get_root_directory())), Path.cwd())
    return any(map(file.is_relative_to, folders)) and not (
        str(file).startswith((*_OWN, *_LIBRARIES)) or {"site-packages", "dist-packages"} & {*file.parts}
    )


def _codes(coroutine: Any) -> Iterator[CodeType]:
    """The code of a coroutine and of those that it awaits; compiled ones, as grpc has, only look like some."""
    while isinstance(coroutine, CoroutineType):
        yield coroutine.cr_code
        coroutine = coroutine.cr_await
