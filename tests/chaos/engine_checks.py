"""Judges the supervisor of the engine: it restarts one that hangs, and leaves a busy one alone."""

from collections.abc import Mapping

from chaos.facts import Facts
from chaos.lines import Line, line

FROZEN = "engine frozen while /health answers 200"
FOUND_WITHIN_S = 30.0
SHADOW_S = 30.0
"""What hung may be found this long after the end of the fault."""


def engines_are_restarted_only_if_they_hang_or_end(facts: Facts) -> Line:
    restarts = [e for e in facts.others["engine"] if e["what"] == "restarting"]
    needless = [
        f"restarted: {event['why']}; last fault: {facts.fault_at(event['at'])}"
        for event in restarts
        if not _has_cause(facts, event["at"])
    ]
    frozen = [f for f in facts.faults.values() if f["kind"] == FROZEN]
    found_s = [_found_after_s(fault, restarts) for fault in frozen]
    late = [f"frozen, found after {s:.0f} s" for s in found_s if s > FOUND_WITHIN_S]
    busy = sum(f["kind"] == "engine saturated" for f in facts.faults.values())
    figures = (
        f"{len(restarts)} restarts, {len(needless)} needless; saturated {busy} times; frozen "
        f"{len(frozen)} times, found after {max(found_s, default=0.0):.0f} s at most"
    )
    name = "an engine that hangs is restarted within 30 s, one that is busy never"
    return line(name, figures, needless + late)


def _has_cause(facts: Facts, at: float) -> bool:
    return any(
        fault["ends_engine"] and fault["at"] <= at <= facts.ends_at(fault) + SHADOW_S
        for fault in facts.faults.values()
    )


def _found_after_s(fault: Mapping, restarts: list[dict]) -> float:
    return min((r["at"] - fault["at"] for r in restarts if r["at"] >= fault["at"]), default=1e9)
