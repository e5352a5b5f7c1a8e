"""The contexts of `decimal`, which are stored in a context variable."""

import asyncio
import threading
from decimal import Decimal, getcontext, localcontext


def third():
    return Decimal(1) / Decimal(3)


getcontext().prec = 10
with localcontext() as context:
    context.prec = 4
    print(third())
print(third())


async def task(digits):
    with localcontext() as context:
        context.prec = digits
        await asyncio.sleep(0)
        return str(third())


async def main():
    return await asyncio.gather(*(task(digits) for digits in range(1, 8)))


print(asyncio.run(main()))
found = []
thread = threading.Thread(target=lambda: found.append(len(str(third()))))
thread.start()
thread.join()
print(found, third())
