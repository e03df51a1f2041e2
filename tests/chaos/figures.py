"""Figures that several lines of the oracle need."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from chaos.facts import Facts, Input, Outcome

BROKER_SHADOW_S = 20.0
"""Repeats seen this long after the end of a broker's fault are counted apart."""


def repeats(facts: Facts) -> Iterator[tuple[Outcome, Outcome]]:
    """Returns each outcome that was not the first of its input, after the first."""
    for outcomes in facts.outcomes.values():
        for again in outcomes[1:]:
            yield outcomes[0], again


def newest_inputs(facts: Facts) -> dict[str, Input]:
    """Returns for each key the newest input that is no poison and was not taken away."""
    newest: dict[str, Input] = {}
    for found in facts.inputs.values():
        poisoned = facts.sends[found.sequence]["outcome"] == "dead"
        if poisoned or found.sequence in facts.excused:
            continue
        if found.key not in newest or version(found) > version(newest[found.key]):
            newest[found.key] = found
    return newest


def version(found: Input) -> tuple[int, int]:
    """Returns what orders the versions of one key: they share a partition."""
    life, _, offset = found.place
    return life, offset


def disruptions(facts: Facts) -> int:
    """Returns the number of kills and rebalances of the run."""
    workers = Counter((event["what"], event.get("told")) for event in facts.others["worker"])
    kills = workers["exited", "SIGKILL"] + workers["exited", None]
    membership = sum(n for (what, _), n in workers.items() if what in {"started", "exited"})
    evictions = 2 * sum(f["evicts"] for f in facts.faults.values())
    grown = len(facts.others["partitions_added"])
    return kills + membership + evictions + grown


def most_uncommitted(facts: Facts) -> int:
    """Returns the most outputs that were written and not committed, over all samples."""
    lanes: dict[tuple[int, int], list[Input]] = defaultdict(list)
    for found in facts.inputs.values():
        lanes[found.place[:2]].append(found)
    for lane in lanes.values():
        lane.sort(key=lambda i: i.place)
    return max((_uncommitted(facts, lanes, s) for s in facts.others["committed"]), default=0)


def _uncommitted(facts: Facts, lanes: Mapping[tuple[int, int], list[Input]], sample: dict) -> int:
    count = 0
    for (life, partition), lane in lanes.items():
        if life != sample["life"]:
            continue
        committed = sample["committed"].get(str(partition), 0)
        first = bisect_left(lane, committed, key=lambda i: i.place[2])
        count += sum(ended(facts, found, sample["ends"]) for found in lane[first:])
    return count


def ended(facts: Facts, found: Input, ends: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether an input had an outcome when the output topics had these ends."""
    return any(
        o.offset < ends[o.topic].get(str(o.partition), 0)
        for o in facts.outcomes.get(found.sequence, ())
    )


def store_failed_between(facts: Facts, first: Outcome, again: Outcome) -> bool:
    """Whether the answer cache was disturbed so that it could not answer the repeat."""
    return any(
        f["kind"].startswith("redis") and f["at"] <= again.at and facts.ends_at(f) >= first.at - 30
        for f in facts.faults.values()
    )


def in_broker_shadow(facts: Facts, at: float) -> bool:
    """Whether a broker's fault lasted then, or had ended shortly before."""
    return any(
        f["kind"].startswith("broker") and f["at"] <= at <= facts.ends_at(f) + BROKER_SHADOW_S
        for f in facts.faults.values()
    )
