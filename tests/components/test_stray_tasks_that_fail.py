"""A task that the program started and that still runs at its end fails the program with what it ends with."""

import asyncio

import pytest

from components.arguments.stray_tasks import wait_for_tasks


def test_what_a_task_ends_with_is_raised() -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("no network")

    async def program() -> None:
        started = asyncio.ensure_future(fails())
        with pytest.raises(ValueError, match="no network"):
            await wait_for_tasks()
        assert started.done()
        assert not await wait_for_tasks()

    asyncio.run(program())


def test_a_task_that_is_cancelled_is_well() -> None:
    async def program() -> None:
        started = asyncio.ensure_future(asyncio.wait_for(asyncio.ensure_future(beat()), 60))
        asyncio.get_running_loop().call_soon(started.cancel)
        assert await wait_for_tasks()

    async def beat() -> None:
        await asyncio.Event().wait()

    asyncio.run(program())
