"""asgiref: synchronous and asynchronous code that call each other."""

import asyncio
import threading
from contextvars import ContextVar

from asgiref.local import Local
from asgiref.sync import async_to_sync, sync_to_async

REQUESTS = 100
request = ContextVar("request", default=None)
local = Local()
wrong = 0


def check(number):
    global wrong
    wrong += request.get() != number or local.number != number


def view(number):
    """Runs in a thread, and calls a coroutine in the event loop."""
    check(number)
    request.set(-number)
    local.number = -number
    async_to_sync(inner)(-number)
    check(-number)
    request.set(number)
    local.number = number
    return threading.current_thread() is threading.main_thread()


async def inner(number):
    await asyncio.sleep(0)
    check(number)


async def handle(number):
    request.set(number)
    local.number = number
    for sensitive in (True, False):
        in_main = await sync_to_async(view, thread_sensitive=sensitive)(number)
        check(number)
        assert not in_main or sensitive
    return number


async def main():
    return await asyncio.gather(*(handle(number) for number in range(1, REQUESTS + 1)))


print("handled", sum(async_to_sync(main)()))
print("wrong values", wrong)
print("outside", request.get(), hasattr(local, "number"))
