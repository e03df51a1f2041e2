"""The kinds of faults; each is injected, lasts, and is healed again."""

from chaos.faults import broker, commits, engine, redis, topics, worker
from chaos.faults.kinds import KINDS, Fault

__all__ = ["KINDS", "Fault", "broker", "commits", "engine", "redis", "topics", "worker"]
