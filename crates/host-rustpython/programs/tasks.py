"""Tasks, groups, timeouts and callbacks, each in its own context."""

import asyncio
from contextvars import ContextVar, copy_context

name = ContextVar("name", default="nobody")
depth = ContextVar("depth", default=0)


async def child(number):
    assert name.get() == "parent"
    name.set(f"child {number}")
    await asyncio.sleep(0)
    depth.set(depth.get() + number)
    await asyncio.sleep(0)
    return name.get(), depth.get()


async def nested(levels):
    depth.set(depth.get() + 1)
    if levels:
        return await asyncio.create_task(nested(levels - 1))
    return depth.get()


async def main():
    name.set("parent")
    print(await asyncio.gather(*(child(number) for number in range(20))))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(child(number)) for number in range(20, 25)]
    print([task.result() for task in tasks])
    print(await nested(20), depth.get())
    print(await asyncio.to_thread(name.get))
    try:
        async with asyncio.timeout(0.01):
            name.set("in time")
            await asyncio.sleep(10)
    except TimeoutError:
        print("too late:", name.get())
    context = copy_context()
    context.run(name.set, "given")
    print(await asyncio.create_task(child_of_given(), context=context), name.get())
    called = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(
        lambda: called.set_result(name.get()), context=context
    )
    print(await called)


async def child_of_given():
    seen = name.get()
    name.set("changed")
    return seen


asyncio.run(main())
print(name.get())
