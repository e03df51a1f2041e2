"""The speed of a scripted engine on a CPU: all prompts inside are computed together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

STEP_TOKENS = 2048
"""The most that vLLM computes in one step on a CPU."""


@dataclass(slots=True)
class _Prompt:
    """What is left of a prompt: tokens to read, then tokens to write, one in each step."""

    rank: tuple[int, int]
    to_read: int
    to_write: int
    done: asyncio.Future[None]

    def advance(self, tokens: int) -> None:
        if self.to_read:
            self.to_read -= tokens
        else:
            self.to_write -= tokens
        if not (self.to_read or self.to_write or self.done.done()):
            self.done.set_result(None)


@dataclass(slots=True)
class Steps:
    """Computes one token of every answer in each step, and fills the rest with prompt tokens.

    Prompts with the lowest priority are read first, as by vLLM. A step takes ``token_s`` for each
    of its tokens; ``computed`` counts them.
    """

    token_s: float
    computed: int = 0
    _arrivals: int = 0
    _inside: list[_Prompt] = field(default_factory=list)
    _stepping: asyncio.Task[None] | None = None

    async def compute(self, prompts: Sequence[tuple[int, int]], priority: int) -> None:
        """Return when all prompts, each as (tokens to read, tokens to write), are answered."""
        loop, arrived = asyncio.get_running_loop(), []
        for to_read, to_write in prompts:
            self._arrivals += 1
            rank = (priority, self._arrivals)
            arrived.append(_Prompt(rank, to_read, to_write, loop.create_future()))
        self._inside += arrived
        if self._stepping is None or self._stepping.done():
            self._stepping = asyncio.create_task(self._steps())
        await asyncio.gather(*(prompt.done for prompt in arrived))

    async def _steps(self) -> None:
        while self._inside:
            step, room = [], STEP_TOKENS
            for prompt in sorted(self._inside, key=lambda p: (p.to_read > 0, p.rank)):
                tokens = min(prompt.to_read or 1, room)
                step.append((prompt, tokens))
                room -= tokens
            await asyncio.sleep(self.token_s * (STEP_TOKENS - room))
            self.computed += STEP_TOKENS - room
            for prompt, tokens in step:
                prompt.advance(tokens)
            self._inside = [prompt for prompt in self._inside if not prompt.done.done()]
