"""What hangs and what is only late, on a clock that goes when it is told to."""

import asyncio

import pytest
from support.clock import Clock

from streams.host.liveness import Liveness, hangs

PATIENCE_S = 20
BLIND_PATIENCE_S = 180
LIVENESS = Liveness(every_s=5, patience_s=PATIENCE_S, blind_patience_s=BLIND_PATIENCE_S, poll_s=0)
TEN_MINUTES_S = 600


class Work:
    """A service whose progress is read once a second: how far it is, and when it answers."""

    def __init__(self, *, moves, answers_at_s=float("inf")):
        self.clock = Clock()
        self._moves = moves
        self._answers_at_s = answers_at_s
        self._answered = asyncio.Event()

    async def answer(self):
        await self._answered.wait()

    async def progress(self):
        self.clock.now += 1
        if self.clock.now >= self._answers_at_s:
            self._answered.set()
        return self._moves(self.clock.now)

    async def hangs(self):
        return await hangs(self.answer(), self.progress, LIVENESS, self.clock)


def still(_):
    return 7.0


def unknown(_):
    return None


def every(seconds):
    return lambda now: now // seconds


async def test_a_service_that_neither_answers_nor_moves_hangs_when_patience_ends():
    frozen = Work(moves=still)

    assert await frozen.hangs()
    assert PATIENCE_S < frozen.clock.now <= PATIENCE_S + 2


def moved_then_unknown(now):
    return now if now < 5 else None


@pytest.mark.parametrize("moves", [unknown, moved_then_unknown])
async def test_a_progress_that_cannot_be_read_is_not_taken_for_standing_still(moves):
    busy = Work(moves=moves, answers_at_s=BLIND_PATIENCE_S - 10)

    assert not await busy.hangs()


async def test_a_service_whose_progress_cannot_be_read_hangs_when_the_longer_patience_ends():
    blind = Work(moves=unknown)

    assert await blind.hangs()
    assert BLIND_PATIENCE_S < blind.clock.now <= BLIND_PATIENCE_S + 2


async def test_a_service_that_moves_does_not_hang_however_late_it_answers():
    saturated = Work(moves=every(15), answers_at_s=TEN_MINUTES_S)

    assert not await saturated.hangs()
    assert saturated.clock.now >= TEN_MINUTES_S


async def test_a_service_that_moved_first_hangs_when_it_has_stood_still_for_so_long():
    froze_later = Work(moves=lambda now: min(now, 100))

    assert await froze_later.hangs()
    assert 100 + PATIENCE_S < froze_later.clock.now <= 100 + PATIENCE_S + 2


async def test_a_progress_that_cannot_be_read_now_and_then_is_no_progress():
    frozen = Work(moves=lambda now: None if now % 3 else 7.0)

    assert await frozen.hangs()


async def test_an_idle_service_that_answers_does_not_hang():
    assert not await Work(moves=still, answers_at_s=PATIENCE_S - 2).hangs()


async def test_what_goes_wrong_with_the_question_is_raised():
    async def broken():
        raise LookupError

    with pytest.raises(LookupError):
        await hangs(broken(), Work(moves=still).progress, LIVENESS)
