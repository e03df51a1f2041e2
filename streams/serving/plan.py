"""How the engines of an ensemble share the memory of GPUs.

Of a card, ``USABLE`` is planned, or all of it if the flags of all its engines name their shares.
What weights and overhead leave is KV cache, and every model on the card keeps as many tokens as
any other: each reads the same sentences.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ner_core.errors import ConfigurationError
from streams.serving.memory import (
    CONTEXT_FLAG,
    GIB,
    KV_FLAG,
    SHARE_FLAG,
    VISIBLE,
    EngineMemory,
)
from streams.serving.vllm_command import GpuShare

USABLE = 0.95
"""The rest is for what others hold, and for what vLLM counts differently."""
_ROUNDING_BYTES = 1.0
_BLOCK_TOKENS = 16
_DIGITS = 10_000
_MAX_CARD_GIB = 2000


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a card that an engine gets; ``kv_tokens`` is what its KV cache holds."""

    engine: EngineMemory
    card: int
    card_bytes: float
    kv_tokens: int

    @property
    def kv_bytes(self) -> int:
        """Bytes of its KV cache."""
        return self.kv_tokens * self.engine.kv_bytes_per_token

    @property
    def of_card(self) -> float:
        """Part of the card that it takes, rounded down."""
        whole = (self.engine.fixed_bytes(self.card_bytes) + self.kv_bytes) / self.card_bytes
        return math.floor(whole * _DIGITS) / _DIGITS

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that give it this share; none if its own flags name one."""
        if self.engine.stated_share is not None:
            return ()
        flags: tuple[str, ...] = (SHARE_FLAG, f"{self.of_card:.4f}")
        if self.kv_bytes:
            flags += (KV_FLAG, str(self.kv_bytes))
            if not self.engine.states_context:
                flags += (CONTEXT_FLAG, str(self.engine.context_tokens))
        return flags


@dataclass(frozen=True, slots=True)
class Plan:
    """The shares of engines on cards of so many bytes, with their ids; a plan need not fit."""

    cards: tuple[float, ...]
    shares: tuple[Share, ...]
    ids: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether every engine can hold one prompt as long as its context."""
        return all(share.kv_tokens >= _least_tokens(share.engine) for share in self.shares) and all(
            _free_bytes(card, self.on(number)) >= -_ROUNDING_BYTES
            for number, card in enumerate(self.cards)
        )

    @property
    def context_tokens(self) -> int:
        """The longest context with which it would fit; 0 if none would."""
        tokens = [s.kv_tokens for s in self.shares if s.engine.kv_bytes_per_token]
        return max(0, min(tokens, default=0))

    def on(self, card: int) -> list[EngineMemory]:
        """Return the engines on a card."""
        return [share.engine for share in self.shares if share.card == card]


def planned(
    engines: Sequence[EngineMemory], cards: Sequence[float], ids: Sequence[str] = ()
) -> Plan:
    """Return the shares of engines: those that name a GPU there, the others where most is left.

    The largest come first. ``cards`` are the bytes of each, ``ids`` what an engine calls it: by
    default, their numbers.

    Raises:
        ConfigurationError: an engine names another GPU.
    """
    ids = tuple(ids or map(str, range(len(cards))))[: len(cards)]
    placed: list[list[EngineMemory]] = [[] for _ in cards]
    for engine in sorted(
        engines, key=lambda e: (e.gpu is not None, e.fixed_bytes(max(cards))), reverse=True
    ):
        with_it = zip(cards, [[*there, engine] for there in placed], strict=True)
        free = [_free_bytes(card, there) for card, there in with_it]
        number = free.index(max(free)) if engine.gpu is None else _named(engine, ids)
        placed[number].append(engine)
    shares = {
        engine.port: Share(engine, number, card, tokens if engine.kv_bytes_per_token else 0)
        for number, (card, there) in enumerate(zip(cards, placed, strict=True))
        for tokens in [_kv_tokens(card, there)]
        for engine in there
    }
    return Plan(tuple(cards), tuple(shares[engine.port] for engine in engines), ids)


def _named(engine: EngineMemory, ids: Sequence[str]) -> int:
    if engine.gpu not in ids:
        msg = (
            f"{engine.name}: {VISIBLE} = {engine.gpu!r} in its environment names none of the "
            f"GPUs here, or several; name one of {', '.join(ids)}, or none"
        )
        raise ConfigurationError(msg)
    return ids.index(engine.gpu)


def card_that_fits(
    engines: Sequence[EngineMemory], cards: int, above_gib: int, ids: Sequence[str] = ()
) -> int | None:
    """Return the GiB of the smallest cards over ``above_gib`` on which engines fit."""
    sizes = range(above_gib + 1, _MAX_CARD_GIB)
    return next((gib for gib in sizes if planned(engines, [gib * GIB] * cards, ids).fits), None)


def cards_that_fit(engines: Sequence[EngineMemory], card_bytes: float) -> int | None:
    """Return how many cards are enough for engines; ``None`` if no number is."""
    counts = range(1, len(engines) + 1)
    return next((n for n in counts if planned(engines, [card_bytes] * n).fits), None)


def gpu_shares(plan: Plan) -> Mapping[int, GpuShare]:
    """Return what each engine is told, by port."""
    several = len(plan.cards) > 1
    return {
        share.engine.port: GpuShare(share.flags, {VISIBLE: plan.ids[share.card]} if several else {})
        for share in plan.shares
    }


def _free_bytes(card: float, engines: Sequence[EngineMemory]) -> float:
    all_stated = engines and all(engine.stated_share is not None for engine in engines)
    usable = 1.0 if all_stated else USABLE
    return usable * card - sum(engine.fixed_bytes(card) for engine in engines)


def _kv_tokens(card: float, engines: Sequence[EngineMemory]) -> int:
    """Return the tokens for the KV cache of each engine on a card; negative if none are left."""
    per_token = sum(engine.kv_bytes_per_token for engine in engines)
    tokens = _free_bytes(card, engines) // per_token if per_token else 0
    return int(tokens // _BLOCK_TOKENS) * _BLOCK_TOKENS


def _least_tokens(engine: EngineMemory) -> int:
    return engine.context_tokens if engine.kv_bytes_per_token else 0
