"""anyio: task groups, threads and cancelled scopes on both of its event loops."""

from contextvars import ContextVar, copy_context

import anyio
import anyio.from_thread
import anyio.to_thread

TASKS = 100
depth = ContextVar("depth", default=0)
seen = []


def in_thread(number):
    assert depth.get() == number
    depth.set(-1)
    anyio.from_thread.run(back, number)
    return depth.get()


async def back(number):
    # In the context of the thread's call, or a copy of it.
    seen.append(depth.get() in (-1, number))


async def task(number):
    token = depth.set(number)
    with anyio.move_on_after(0.001 if number % 10 == 0 else 10) as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(child, number)
            if number % 10 == 0:
                await anyio.sleep(5)
    assert scope.cancelled_caught == (number % 10 == 0)
    assert await anyio.to_thread.run_sync(in_thread, number) == -1
    assert depth.get() == number
    depth.reset(token)
    assert depth.get() == 0


async def child(number):
    assert depth.get() == number
    depth.set(number + 1)
    await anyio.sleep(0)
    assert copy_context()[depth] == number + 1


async def main():
    async with anyio.create_task_group() as group:
        for number in range(1, TASKS + 1):
            group.start_soon(task, number)
    print("outside", depth.get())


for backend in ("asyncio", "trio"):
    seen.clear()
    anyio.run(main, backend=backend)
    print(backend, len(seen), all(seen))
