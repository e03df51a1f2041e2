"""What a history says, put in order for the checks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from chaos.history import Event

EVICTION_SHADOW_S = 30.0

Place = tuple[int, int, int]
"""Life of the topic, partition and offset of an input."""


@dataclass(frozen=True)
class Input:
    """A record of the topic ``documents``; ``sequence`` is the number of its sending."""

    sequence: int
    key: str
    place: Place
    at: float


@dataclass(frozen=True)
class Outcome:
    """A record of ``entities`` or ``documents.dead``; ``kind`` is entities, tombstone or dead."""

    sequence: int
    kind: str
    topic: str
    partition: int
    offset: int
    at: float
    key: str
    reason: str | None
    content_hash: str | None
    digest: str


@dataclass
class Facts:
    """The events of a run by what they are about."""

    run: Event = field(default_factory=dict)
    sends: dict[int, Event] = field(default_factory=dict)
    inputs: dict[int, Input] = field(default_factory=dict)
    input_copies: int = 0
    outcomes: dict[int, list[Outcome]] = field(default_factory=lambda: defaultdict(list))
    faults: dict[int, Event] = field(default_factory=dict)
    healed: dict[int, Event] = field(default_factory=dict)
    others: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def excused(self) -> set[int]:
        """Sendings that an operator took away before their outcome."""
        return {s for s in self.taken_away if not self.outcomes.get(s)}

    @cached_property
    def taken_away(self) -> set[int]:
        """Sendings whose records retention or the deletion of the topic removed."""
        below = defaultdict(int)
        for event in self.others["retention"]:
            place = (event["life"], event["partition"])
            below[place] = max(below[place], event["before_offset"])
        lives = {event["life"] for event in self.others["topic_deleted"]}
        return {
            i.sequence
            for i in self.inputs.values()
            if i.place[0] in lives or i.place[2] < below[i.place[:2]]
        }

    @cached_property
    def written(self) -> dict[str, list[Outcome]]:
        """The records of the topic ``entities`` by key, in the order of the topic."""
        found = defaultdict(list)
        for outcomes in self.outcomes.values():
            for outcome in outcomes:
                if outcome.topic == "entities":
                    found[outcome.key].append(outcome)
        return {key: sorted(records, key=lambda r: r.offset) for key, records in found.items()}

    def counted(self, number: int) -> bool:
        """Whether a document was in flight when the fault struck."""
        return self.faults[number]["in_flight"] > 0

    def ends_at(self, fault: Event) -> float:
        """Returns when a fault was healed; infinity if it never was."""
        healed = self.healed.get(fault["number"])
        return healed["at"] if healed else float("inf")

    def fault_at(self, at: float) -> str:
        """Returns the kind of the last fault that had begun at a time."""
        begun = [f for f in self.faults.values() if f["at"] <= at]
        return max(begun, key=lambda f: f["at"])["kind"] if begun else "no fault"

    def evicted_at(self, at: float) -> bool:
        """Whether a fault took partitions from a living worker then, or shortly before.

        The worker learns of it with its next write, which can be in the middle of another fault.
        """
        return any(
            f["evicts"] > 0 and f["at"] <= at <= self.ends_at(f) + EVICTION_SHADOW_S
            for f in self.faults.values()
        )


def facts_of(events: Iterable[Event]) -> Facts:
    """Returns the facts of a history.

    Raises:
        ValueError: the history has no ``run`` event.
    """
    facts = Facts()
    for event in events:
        _take(facts, event)
    if not facts.run:
        msg = "the history has no event `run`"
        raise ValueError(msg)
    return facts


def _take(facts: Facts, event: Event) -> None:
    match event["event"]:
        case "run":
            facts.run = event
        case "send":
            facts.sends[event["sequence"]] = event
        case "input":
            _take_input(facts, event)
        case "outcome":
            fields = {name: event[name] for name in Outcome.__dataclass_fields__}
            facts.outcomes[event["sequence"]].append(Outcome(**fields))
        case "fault":
            facts.faults[event["number"]] = event
        case "healed":
            facts.healed[event["number"]] = event
        case name:
            facts.others[name].append(event)


def _take_input(facts: Facts, event: Event) -> None:
    sequence = event["sequence"]
    facts.input_copies += sequence in facts.inputs
    place = (event["life"], event["partition"], event["offset"])
    facts.inputs[sequence] = Input(sequence, event["key"], place, event["at"])
