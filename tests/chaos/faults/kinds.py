"""The table of faults."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from chaos.stack import Chaos
from chaos.workers import Worker

Inject = Callable[[Chaos, Worker, Random], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """A kind of fault; ``inject`` gets a worker that has documents in flight, and heals.

    ``evicts`` is how many workers lose their partitions while they live on; ``ends_engine`` is
    whether the engine's supervisor must or may restart it; ``lacks`` says what this machine lacks
    for it.
    """

    kind: str
    inject: Inject
    evicts: int = 0
    ends_engine: bool = False
    lacks: str = ""


KINDS: dict[str, Fault] = {}


def fault(
    kind: str, *, evicts: int = 0, ends_engine: bool = False, lacks: str = ""
) -> Callable[[Inject], Inject]:
    """Enter a function into the table."""

    def enter(inject: Inject) -> Inject:
        KINDS[kind] = Fault(kind, inject, evicts, ends_engine, lacks)
        return inject

    return enter
