"""Turns of engines that share one processor: one model's prompts in flight at a time."""

from ner_core.engines.priority_semaphore import PrioritySemaphore

STEP_PROMPTS = 40
"""Prompts that fill a step of an engine on a CPU: vLLM computes up to 2,048 tokens in one, and a
question adds about 50 to a prefix that is cached. All prompts inside are computed together, so
with more of them the earliest document would wait for later ones."""


class CpuTurns:
    """Lets one model at a time have prompts in flight, as many as fill a step.

    On a CPU two engines at once take longer in total than one after the other. A turn begins with
    the prompts that wait for its model. While others wait, it lets in only those of documents
    that came no later than theirs. It ends when its last prompt has come back; the next turn goes
    to the model that the earliest document waits for.
    """

    def __init__(self) -> None:
        self._gates: list[TurnGate] = []
        self._current: TurnGate | None = None
        self._begins = False

    def gate(self, places: int) -> PrioritySemaphore:
        """Return the gate of another model, with at most ``places`` places."""
        self._gates.append(TurnGate(min(places, STEP_PROMPTS), self))
        return self._gates[-1]

    def admits(self, gate: "TurnGate", priority: int) -> bool:
        """Return whether the prompts first in line at a gate may go in now."""
        self._current = self._current or gate
        if gate is not self._current:
            return False
        elsewhere = (each.first for each in self._gates if each is not gate)
        return self._begins or all(first is None or priority <= first for first in elsewhere)

    def pass_on(self, last: "TurnGate") -> None:
        """Begin the next turn, if the last prompt of this one has come back.

        If nobody waits at another gate any more, this turn may go on.
        """
        if last is not self._current:
            if self._current:
                self._current.let_in()
            return
        waiting = [
            (first, gate is last, number)
            for number, gate in enumerate(self._gates)
            if (first := gate.first) is not None
        ]
        self._current = self._gates[min(waiting)[-1]] if waiting else None
        if self._current:
            self._begins = True
            self._current.let_in()
            self._begins = False


class TurnGate(PrioritySemaphore):
    """The gate of one model, open only during its turns."""

    def __init__(self, places: int, turns: CpuTurns) -> None:
        super().__init__(places)
        self._turns = turns

    def _admits(self, priority: int) -> bool:
        return self._turns.admits(self, priority)

    def _release(self, number: int) -> None:
        super()._release(number)
        if self.idle:
            self._turns.pass_on(self)
