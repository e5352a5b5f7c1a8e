"""Forks processes while `asyncio.to_thread` runs functions."""

import asyncio
import gc
import multiprocessing
import threading
import warnings
from concurrent.futures import ProcessPoolExecutor
from contextvars import ContextVar, copy_context

# From 3.12 on, a fork with threads warns of locks that these may hold.
warnings.simplefilter("ignore", DeprecationWarning)

request = ContextVar("request", default=None)
forking = multiprocessing.get_context("fork")


def deep(depth):
    return depth and [*map(deep, [depth - 1])]


def work():
    threads = [threading.Thread(target=copy_context().run, args=(deep, 60)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()


def run_loop(number):
    """Runs a loop with tasks and threads in the child."""

    async def task():
        request.set(number)
        return await asyncio.to_thread(request.get)

    async def main():
        return sum(await asyncio.gather(*(task() for _ in range(number))))

    work()
    return asyncio.run(main())


def exit_code(target):
    process = forking.Process(target=target)
    process.start()
    process.join(60)
    return process.exitcode


async def main():
    request.set("main")
    stop = threading.Event()
    busy = [asyncio.create_task(asyncio.to_thread(stop.wait, 60)) for _ in range(3)]
    while sum(thread.name.startswith("asyncio") for thread in threading.enumerate()) < 3:
        await asyncio.sleep(0.01)
    print("process:", exit_code(work), copy_context().run(exit_code, work))
    with ProcessPoolExecutor(2, forking) as pool:
        print("pool:", list(pool.map(run_loop, range(1, 5))))
    stop.set()
    print("threads:", await asyncio.gather(*busy), request.get())


asyncio.run(main())
