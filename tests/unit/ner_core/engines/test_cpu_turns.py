"""Engines that share a processor take turns, and the earliest document goes first."""

import asyncio

from ner_core.engines.cpu_turns import STEP_PROMPTS, CpuTurns

GEMMA, SMOLLM2, THIRD = "gemma", "smollm2", "third"


class Processor:
    """Prompts at the gates of the engines of one processor."""

    def __init__(self, places=2):
        turns = CpuTurns()
        self.gates = {model: turns.gate(places) for model in (GEMMA, SMOLLM2, THIRD)}
        self.running, self.waiting = [], {}

    async def ask(self, model, document, most=1):
        """Ask one model about a document, whose number is its priority."""
        leave = asyncio.Event()
        task = asyncio.create_task(self._pass(model, document, most, leave))
        self.waiting[model, document] = task, leave
        await settle()

    async def _pass(self, model, document, most, leave):
        async with self.gates[model].enter(document, most=most) as taken:
            self.running.append((model, document))
            await leave.wait()
            self.running.remove((model, document))
        return taken

    async def answer(self, *asked):
        for one in asked:
            _, leave = self.waiting[one]
            leave.set()
        await settle()

    async def cancel(self, *asked):
        task, _ = self.waiting[asked]
        task.cancel()
        await settle()


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_two_models_are_never_in_flight_together():
    processor = Processor()
    await processor.ask(GEMMA, 1)
    await processor.ask(SMOLLM2, 1)
    assert processor.running == [(GEMMA, 1)]

    await processor.answer((GEMMA, 1))
    assert processor.running == [(SMOLLM2, 1)]


async def test_prompts_of_one_model_are_in_flight_together_while_nobody_else_waits():
    processor = Processor()
    await processor.ask(GEMMA, 1)
    await processor.ask(GEMMA, 2)

    assert processor.running == [(GEMMA, 1), (GEMMA, 2)]


async def test_a_later_document_waits_for_the_next_turn_if_an_earlier_one_waits_elsewhere():
    processor = Processor()
    await processor.ask(GEMMA, 1)
    await processor.ask(SMOLLM2, 1)
    await processor.ask(GEMMA, 2)
    assert processor.running == [(GEMMA, 1)]

    await processor.answer((GEMMA, 1))
    assert processor.running == [(SMOLLM2, 1)]


async def test_an_earlier_document_joins_the_turn():
    processor = Processor()
    await processor.ask(GEMMA, 2)
    await processor.ask(SMOLLM2, 2)
    await processor.ask(GEMMA, 1)

    assert processor.running == [(GEMMA, 2), (GEMMA, 1)]


async def test_the_next_turn_goes_to_the_model_that_the_earliest_document_waits_for():
    processor = Processor()
    await processor.ask(GEMMA, 1)
    await processor.ask(SMOLLM2, 3)
    await processor.ask(THIRD, 2)
    await processor.answer((GEMMA, 1))

    assert processor.running == [(THIRD, 2)]


async def test_a_turn_begins_with_as_many_prompts_as_there_are_places():
    processor = Processor(places=2)
    await processor.ask(SMOLLM2, 1)
    for document in (1, 2, 3):
        await processor.ask(GEMMA, document)
    await processor.ask(THIRD, 1)
    await processor.answer((SMOLLM2, 1))

    assert processor.running == [(GEMMA, 1), (GEMMA, 2)]


async def test_no_gate_has_more_places_than_it_takes_to_fill_a_step():
    turns = CpuTurns()

    assert turns.gate(64).places == STEP_PROMPTS
    assert turns.gate(8).places == 8


async def test_a_cancelled_prompt_does_not_stop_the_others():
    processor = Processor()
    await processor.ask(GEMMA, 1)
    await processor.ask(SMOLLM2, 1)
    await processor.ask(THIRD, 2)
    await processor.cancel(SMOLLM2, 1)
    await processor.answer((GEMMA, 1))

    assert processor.running == [(THIRD, 2)]


async def test_a_cancelled_prompt_no_longer_holds_back_later_ones_of_another_model():
    processor = Processor()
    await processor.ask(GEMMA, 5)
    await processor.ask(SMOLLM2, 6)
    await processor.ask(GEMMA, 7)
    await processor.cancel(SMOLLM2, 6)

    assert processor.running == [(GEMMA, 5), (GEMMA, 7)]


async def test_a_prompt_cancelled_in_flight_ends_the_turn():
    processor = Processor()
    await processor.ask(GEMMA, 1)
    await processor.ask(SMOLLM2, 1)
    await processor.cancel(GEMMA, 1)

    assert processor.gates[GEMMA].idle
    assert (SMOLLM2, 1) in processor.running
