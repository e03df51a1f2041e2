"""The kinds of faults; each is injected, lasts, and is healed again."""

from chaos.faults import broker, commits, engine, redis, topics, worker
from chaos.faults.kinds import KINDS, Fault

__all__ = [
    "KINDS",
    "REAL",
    "SHORT",
    "Fault",
    "broker",
    "commits",
    "engine",
    "redis",
    "topics",
    "worker",
]

SHORT = (
    "all workers killed",
    "broker killed",
    "broker refuses commits",
    "engine answers 503",
    "engine answers garbage",
    "engine cuts connections",
    "engine killed",
    "engine unreachable",
    "redis flushed",
    "redis full",
    "redis killed",
    "topic gets one more partition",
    "topic loses records to retention",
    "worker killed",
    "worker stopped beyond the session",
    "worker told to end",
)
"""Kinds that are healed soon: one of each is a run of about two minutes."""

NOT_REAL = {kind for kind in SHORT if kind.startswith("engine ")} - {"engine killed"}
REAL = tuple(kind for kind in SHORT if kind not in {*NOT_REAL, "topic loses records to retention"})
"""Those of them that need no scripted engine, and leave slow engines their backlog."""
