"""One backbone fails: the requests of the others end with it."""

import asyncio
from collections.abc import Sequence

import pytest
from support.pipelines import DOCUMENT, pipeline

from ner_core.errors import EngineLostError
from ner_core.ports import Answer, Request
from ner_core.testing import RuleEngine


def stage_of(request: Request) -> str:
    if request.choices:
        return "classify"
    return "rough" if str(request.prompt).endswith("Names:") else "extract"


class Hanging(RuleEngine):
    """Answers until a stage, at which it never does."""

    def __init__(self, model: str, stage: str) -> None:
        super().__init__(model)
        self.stage = stage
        self.hangs, self.cancelled = asyncio.Event(), False

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        if stage_of(requests[0]) == self.stage:
            self.hangs.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        return await super().answer(requests, priority=priority)


class Dying(RuleEngine):
    """Answers until the other engine hangs, then is lost."""

    def __init__(self, model: str, other: Hanging) -> None:
        super().__init__(model)
        self.other = other

    async def answer(self, requests: Sequence[Request], *, priority: int = 0) -> list[Answer]:
        if stage_of(requests[0]) == self.other.stage:
            await self.other.hangs.wait()
            raise EngineLostError(self.model, "it died")
        return await super().answer(requests, priority=priority)


@pytest.mark.parametrize("stage", ["rough", "extract", "classify"])
async def test_when_an_engine_is_lost_the_requests_to_the_others_are_cancelled(stage):
    hanging = Hanging("b", stage)
    tagging = await pipeline(Dying("a", hanging), hanging, rough_spans="models", verify="off")

    with pytest.raises(EngineLostError):
        await tagging.tag(DOCUMENT)

    assert hanging.cancelled
