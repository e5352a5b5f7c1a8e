"""structlog: workers that log with bound variables, in tasks and in threads."""

import asyncio
import io

import structlog
from structlog.contextvars import (
    bind_contextvars,
    bound_contextvars,
    clear_contextvars,
    get_contextvars,
    merge_contextvars,
    reset_contextvars,
    unbind_contextvars,
)

WORKERS = 200
written = io.StringIO()
structlog.configure(
    processors=[merge_contextvars, structlog.processors.KeyValueRenderer(sort_keys=True)],
    logger_factory=structlog.PrintLoggerFactory(written),
)
log = structlog.get_logger()


def in_thread(number):
    log.info("in thread")
    bind_contextvars(thread=number)
    log.info("bound there")


async def worker(number):
    clear_contextvars()
    tokens = bind_contextvars(request=number, user=f"u{number % 7}")
    log.info("begins")
    await asyncio.sleep(0)
    with bound_contextvars(user="root", step=1):
        log.info("as root")
        await asyncio.to_thread(in_thread, number)
        assert "thread" not in get_contextvars()
    log.info("as itself")
    unbind_contextvars("user")
    log.info("without a user")
    reset_contextvars(**tokens)
    assert get_contextvars() == {}, get_contextvars()
    log.info("ends")


async def main():
    bind_contextvars(main=True)
    await asyncio.gather(*(worker(number) for number in range(WORKERS)))
    print("in main:", get_contextvars())


asyncio.run(main())
lines = sorted(written.getvalue().splitlines())
print(len(lines), "lines")
print("\n".join(lines[:: len(lines) // 40]))
