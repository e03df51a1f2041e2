"""The oracle's lines: each reads the facts of a run and judges one promise."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

from chaos.engine_checks import engines_are_restarted_only_if_they_hang_or_end
from chaos.facts import Facts
from chaos.figures import (
    disruptions,
    ended,
    in_broker_shadow,
    most_uncommitted,
    newest_inputs,
    repeats,
    store_failed_between,
    version,
)
from chaos.lines import Line, line

FENCED = 70
"""Exit status of a worker that was fenced."""

TOPIC_AGAIN_S = 5.0
"""For a topic that was deleted to be there again."""


def judge(facts: Facts) -> list[Line]:
    """Returns all lines, in the order of the report."""
    return [check(facts) for check in CHECKS]


def every_input_has_an_outcome(facts: Facts) -> Line:
    missing = sorted(set(facts.inputs) - set(facts.outcomes) - facts.excused)
    unseen = [s["sequence"] for s in facts.others["sent"] if s["sequence"] not in facts.inputs]
    figures = (
        f"{len(missing)} missing of {len(facts.inputs)}; {len(facts.excused)} taken away by an "
        f"operator; {len(unseen)} acknowledged sendings not in the topic"
    )
    found = [_named(facts, s) for s in missing]
    return line("every input has an outcome", figures, found + [f"unseen {s}" for s in unseen])


def every_outcome_is_the_right_one(facts: Facts) -> Line:
    wrong = []
    for sequence, outcomes in facts.outcomes.items():
        kinds = {o.kind for o in outcomes}
        expected = facts.sends.get(sequence, {}).get("outcome")
        if kinds != {expected}:
            wrong.append(f"{_named(facts, sequence)}: {sorted(kinds)}, expected {expected}")
    kinds = Counter(o.kind for found in facts.outcomes.values() for o in found[:1])
    shown = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return line(
        "each has exactly one of three, the right one", f"{len(wrong)} wrong; {shown}", wrong
    )


def dead_letters_are_the_poisoned(facts: Facts) -> Line:
    wrong, reasons = [], Counter()
    for sequence, outcomes in facts.outcomes.items():
        expected = facts.sends.get(sequence, {}).get("reason")
        for reason in {o.reason for o in outcomes if o.kind == "dead"}:
            reasons[reason] += 1
            if reason != expected:
                wrong.append(f"{_named(facts, sequence)}: {reason}, expected {expected}")
    shown = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    figures = f"{len(wrong)} wrongly dead or with a wrong reason; {shown or 'none'}"
    return line("dead letters are exactly the poisoned documents", figures, wrong)


def repeats_are_the_same(facts: Facts) -> Line:
    wrong, same, other = [], 0, 0
    for first, again in repeats(facts):
        if (first.key, first.content_hash) != (again.key, again.content_hash):
            wrong.append(f"{_named(facts, first.sequence)}: another id or content hash")
        elif first.digest == again.digest:
            same += 1
        else:
            other += 1
            if first.kind == "entities" and not store_failed_between(facts, first, again):
                wrong.append(f"{_named(facts, first.sequence)}: other bytes, store undisturbed")
    figures = f"{same} repeats with the same bytes, {other} with other bytes"
    return line("a repeat has the same id and content hash", figures, wrong)


def duplicates_are_bounded(facts: Facts) -> Line:
    again_at = [again.at for _, again in repeats(facts)]
    apart = sum(in_broker_shadow(facts, at) for at in again_at)
    disturbed = disruptions(facts)
    uncommitted = most_uncommitted(facts)
    bound = uncommitted * disturbed
    counted = len(again_at) - apart
    by_fault = Counter(facts.fault_at(at) for at in again_at)
    figures = (
        f"{counted} <= {uncommitted} outputs not committed x {disturbed} kills and rebalances "
        f"= {bound}; {apart} after a broker's fault; by last fault: {_table(by_fault)}"
    )
    over = [f"{counted} repeats, over {bound}"] if counted > bound else []
    return line("duplicates are bounded", figures, over)


def committed_outcomes_are_seen_once(facts: Facts) -> Line:
    """The oracle reads what was committed alone, as ``read_committed`` consumers do."""
    seen = [f"{_named(facts, again.sequence)}: again at {again.at}" for _, again in repeats(facts)]
    return line("a read_committed consumer sees each outcome once", f"{len(seen)} repeats", seen)


def the_last_record_is_the_newest(facts: Facts) -> Line:
    newest = newest_inputs(facts)
    stale = []
    for key, records in facts.written.items():
        expected = newest.get(key)
        if expected is not None and records[-1].sequence != expected.sequence:
            seen = facts.fault_at(records[-1].at)
            stale.append(
                f"{key}: ends with sending {records[-1].sequence}, newest is "
                f"{expected.sequence}; last fault: {seen}"
            )
    figures = f"{len(stale)} stale of {len(facts.written)} keys"
    return line("the last record of a key is its newest version", figures, stale)


def no_version_goes_back(facts: Facts) -> Line:
    back, by_fault = [], Counter()
    for key, records in facts.written.items():
        newest = (-1, -1)
        for record in records:
            if record.sequence not in facts.inputs:
                continue
            place = version(facts.inputs[record.sequence])
            if place < newest:
                fault = facts.fault_at(record.at)
                by_fault[fault] += 1
                back.append(f"{key}: sending {record.sequence} at offset {record.offset}; {fault}")
            newest = max(newest, place)
    figures = f"{len(back)} records older than one before; by last fault: {_table(by_fault)}"
    return line("no version goes back", figures, back)


def commits_never_pass_a_document(facts: Facts) -> Line:
    """A commit beyond the end is of the topic before: whoever takes over begins at the start."""
    passed, before, of_the_old = [], defaultdict(int), 0
    places = {i.place: i for i in facts.inputs.values()}
    samples = facts.others["committed"]
    for sample in samples:
        for partition, committed in sample["committed"].items():
            lane = (sample["life"], int(partition))
            if sample["life"] > 0 and committed > sample["documents_end"].get(partition, 0):
                of_the_old += 1
                continue
            for offset in range(before[lane], committed):
                found = places.get((*lane, offset))
                if found is None or found.sequence in facts.excused:
                    continue
                if not ended(facts, found, sample["ends"]):
                    passed.append(f"{_named(facts, found.sequence)}: committed {committed}")
            before[lane] = max(before[lane], committed)
    figures = (
        f"{len(passed)} passed in {len(samples)} samples; {of_the_old} times a commit of a "
        "deleted topic was left"
    )
    return line("committed offsets never pass an unfinished document", figures, passed)


def lag_never_reads_zero_while_documents_wait(facts: Facts) -> Line:
    lies = [
        f"{event['worker']} said lag 0 of partition {event['partition']}: "
        f"{event['committed']} committed, {event['end']} there for 2 s"
        for event in facts.others["lag"]
        if event["lag"] == 0 and event["committed"] < event["end"]
    ]
    figures = f"{len(lies)} lies in {len(facts.others['lag'])} readings"
    return line("lag never reads 0 while documents wait", figures, lies)


def workers_end_when_told(facts: Facts) -> Line:
    exits = [e for e in facts.others["worker"] if e["what"] == "exited"]
    fenced = [e for e in exits if _fenced(facts, e)]
    judged = [e for e in exits if e not in fenced]
    hung = [f"{e['worker']} did not end on SIGTERM" for e in facts.others["hung"]]
    failed = [
        f"{e['worker']} ended by itself with {e['status']}; last fault: {facts.fault_at(e['at'])}"
        for e in judged
        if e["told"] is None and not _without_topic(facts, e)
    ]
    bad = [
        f"{e['worker']} ended with {e['status']} on SIGTERM"
        for e in judged
        if e["told"] == "SIGTERM" and e["status"] != 0 and e["lived"]
    ]
    figures = (
        f"{len(exits)} ends; {len(hung)} hung, {len(bad)} failed, {len(failed)} by themselves; "
        f"{len(fenced)} fenced after they had lost their partitions"
    )
    return line("workers end when told, cleanly, and only then", figures, hung + bad + failed)


def _fenced(facts: Facts, exited: Mapping) -> bool:
    """Whether a worker ended as it must when its partitions were taken over behind its back.

    It may learn so in the same moment as it is told to end.
    """
    return exited["status"] == FENCED and facts.evicted_at(exited["at"])


def _without_topic(facts: Facts, exited: Mapping) -> bool:
    """Whether a worker ended as it must when it was started while its topic did not exist."""
    missing = any(
        e["at"] <= exited["at"] <= e["at"] + TOPIC_AGAIN_S for e in facts.others["topic_deleted"]
    )
    return exited["status"] == 1 and not exited["lived"] and missing


def everything_is_committed_at_the_end(facts: Facts) -> Line:
    samples = facts.others["committed"]
    if not samples:
        return line("everything is committed at the end", "no sample", ["no sample"])
    last = samples[-1]
    left = {
        partition: (last["committed"].get(partition, 0), end)
        for partition, end in last["documents_end"].items()
        if last["committed"].get(partition, 0) < end
    }
    found = [f"partition {p}: {committed} of {end}" for p, (committed, end) in left.items()]
    return line("everything is committed at the end", f"{len(left)} partitions behind", found)


def compaction_keeps_the_newest(facts: Facts) -> Line:
    if not facts.others["compacted"]:
        return line("compacted, the topic holds the newest", "not compacted", ["not compacted"])
    held = facts.others["compacted"][-1]["records"]
    expected = {
        key: newest.sequence
        for key, newest in newest_inputs(facts).items()
        if facts.sends[newest.sequence]["outcome"] == "entities"
        and newest.sequence in facts.outcomes
    }
    wrong = [
        f"{key}: holds {held.get(key)}, newest is {expected.get(key)}"
        for key in sorted({*held, *expected})
        if held.get(key) != expected.get(key)
    ]
    figures = f"{len(held)} records, {len(wrong)} wrong"
    return line("compacted, the topic holds the newest", figures, wrong)


def every_fault_is_healed(facts: Facts) -> Line:
    failed = [f"{f['kind']}: {f['error']}" for f in facts.others["fault_failed"]]
    figures = f"{len(facts.healed)} of {len(facts.faults)}"
    return line("every fault was injected and healed", figures, failed)


def the_run_was_finished(facts: Facts) -> Line:
    whole = bool(facts.others["finished"])
    figures = "to its end" if whole else "the history breaks off: other lines may say too much"
    return line("the run was finished", figures, [] if whole else ["no event `finished`"])


CHECKS: tuple[Callable[[Facts], Line], ...] = (
    every_input_has_an_outcome,
    every_outcome_is_the_right_one,
    dead_letters_are_the_poisoned,
    repeats_are_the_same,
    duplicates_are_bounded,
    committed_outcomes_are_seen_once,
    the_last_record_is_the_newest,
    no_version_goes_back,
    commits_never_pass_a_document,
    lag_never_reads_zero_while_documents_wait,
    workers_end_when_told,
    engines_are_restarted_only_if_they_hang_or_end,
    everything_is_committed_at_the_end,
    compaction_keeps_the_newest,
    every_fault_is_healed,
    the_run_was_finished,
)


def _named(facts: Facts, sequence: int) -> str:
    found = facts.inputs.get(sequence)
    place = (
        "not in the topic"
        if found is None
        else "life {} partition {} offset {}".format(*found.place)
    )
    return f"sending {sequence} ({place})"


def _table(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {n}" for name, n in sorted(counts.items())) or "none"
