"""The checker on histories written by hand: what each line keeps, and what it sees broken."""

import json

import pytest
from chaos.check import check
from chaos.checks import judge
from chaos.facts import facts_of

START = {"at": 0.0, "event": "run", "seed": 1, "workers": 3, "partitions": 2}


class Told:
    """A history that is told event by event; time goes on by a second each."""

    def __init__(self):
        self.events = [START]
        self.offsets = {}

    def add(self, event, **fields):
        self.events.append({"at": float(len(self.events)), "event": event, **fields})
        return self

    def sent(self, sequence, key="a", outcome="entities", reason=None, life=0):
        self.add("send", sequence=sequence, key=key, outcome=outcome, reason=reason)
        self.add("sent", sequence=sequence, partition=0, offset=sequence)
        place = {"life": life, "partition": 0, "offset": sequence}
        return self.add("input", sequence=sequence, key=key, **place)

    def ended(self, sequence, key="a", kind="entities", reason=None, **differs):
        topic = "documents.dead" if kind == "dead" else "entities"
        offset = self.offsets[topic] = self.offsets.get(topic, -1) + 1
        fields = {
            "sequence": sequence, "key": key, "kind": kind, "topic": topic, "partition": 0,
            "offset": offset, "reason": reason, "content_hash": f"hash {sequence}",
            "digest": f"bytes {sequence}",
        }  # fmt: skip
        return self.add("outcome", **{**fields, **differs})

    def struck(self, kind, in_flight=4, evicts=0, *, ends_engine=False):
        number = sum(e["event"] == "fault" for e in self.events)
        self.add(
            "fault", number=number, kind=kind, in_flight=in_flight, evicts=evicts,
            ends_engine=ends_engine,
        )  # fmt: skip
        return self.add("healed", number=number)

    def committed(self, offset, end=None, life=0):
        ends = {
            name: {"0": self.offsets.get(name, -1) + 1} for name in ("entities", "documents.dead")
        }
        return self.add(
            "committed", life=life, committed={"0": offset}, ends=ends,
            documents_end={"0": offset if end is None else end},
        )  # fmt: skip

    def compacted(self, **records):
        return self.add("compacted", records=records)

    def broken(self):
        """Names of the lines that are broken."""
        return {line.name for line in judge(facts_of(self.events)) if not line.kept}

    def line(self, name):
        """Returns one line."""
        return next(line for line in judge(facts_of(self.events)) if line.name == name)


@pytest.fixture
def told():
    return Told()


def good(told):
    told.sent(0).sent(1).sent(2, "b").sent(3, "b", "tombstone").sent(4, "c", "dead", "invalid_json")
    told.struck("worker killed")
    told.ended(0).ended(1).ended(2, "b").ended(3, "b", "tombstone")
    told.ended(4, "c", "dead", "invalid_json")
    return told.committed(5).compacted(a=1).add("finished")


def test_a_history_in_which_all_went_well_breaks_nothing(told):
    assert good(told).broken() == set()


def test_a_document_without_an_outcome_is_missing(told):
    told.sent(0).committed(0).compacted()

    assert told.line("every input has an outcome").figures.startswith("1 missing of 1")


def test_an_acknowledged_sending_that_is_not_in_the_topic_is_seen(told):
    told.add("sent", sequence=7, partition=0, offset=7)

    assert told.line("every input has an outcome").examples == ("unseen 7",)


def test_a_document_that_retention_took_is_excused_and_one_beside_it_is_not(told):
    told.sent(0).sent(1)
    told.add("retention", life=0, partition=0, before_offset=1)

    assert "1 missing of 2; 1 taken away" in told.line("every input has an outcome").figures


def test_what_was_in_a_deleted_topic_is_excused_and_what_is_in_the_new_one_is_not(told):
    told.sent(0, life=0).add("topic_deleted", life=0)
    told.sent(1, life=1)

    assert "1 missing of 2; 1 taken away" in told.line("every input has an outcome").figures


def test_two_kinds_of_outcome_of_one_document_are_wrong(told):
    good(told).ended(0, kind="dead", reason="kills_engine")

    assert told.broken() >= {
        "each has exactly one of three, the right one",
        "dead letters are exactly the poisoned documents",
    }


def test_an_outcome_that_nobody_asked_for_is_wrong(told):
    assert "each has exactly one of three, the right one" in good(told).ended(99).broken()


def test_a_poisoned_document_with_another_reason_is_wrong(told):
    told.sent(0, outcome="dead", reason="too_long").ended(0, kind="dead", reason="invalid_json")

    assert "dead letters are exactly the poisoned documents" in told.broken()


def test_a_repeat_with_another_content_hash_is_wrong(told):
    told.sent(0).ended(0).ended(0, content_hash="hash of another text")

    assert "a repeat has the same id and content hash" in told.broken()


@pytest.mark.parametrize(("fault", "broken"), [("worker killed", True), ("redis flushed", False)])
def test_a_repeat_with_other_bytes_is_wrong_unless_the_store_was_disturbed(told, fault, broken):
    told.sent(0).ended(0).struck(fault).ended(0, digest="other bytes")

    assert ("a repeat has the same id and content hash" in told.broken()) is broken
    assert "1 with other bytes" in told.line("a repeat has the same id and content hash").figures


def test_repeats_are_bounded_by_what_was_not_committed_at_each_kill(told):
    told.sent(0).sent(1).ended(0).ended(1).committed(1)
    told.add("worker", worker="worker-1", what="exited", told="SIGKILL", status=-9)
    bound = "1 outputs not committed x 2 kills and rebalances = 2"

    assert bound in told.ended(1).ended(1).line("duplicates are bounded").figures
    assert "duplicates are bounded" not in told.broken()
    assert "duplicates are bounded" in told.ended(1).broken()


def test_an_outcome_that_is_seen_twice_is_no_exactly_once(told):
    told.sent(0).ended(0)
    assert "a read_committed consumer sees each outcome once" not in told.broken()

    assert "a read_committed consumer sees each outcome once" in told.ended(0).broken()


def test_repeats_after_a_fault_of_the_broker_are_counted_apart(told):
    told.sent(0).ended(0).struck("broker killed").ended(0)

    line = told.line("duplicates are bounded")
    assert line.kept
    assert "1 after a broker's fault" in line.figures


def test_a_zombie_whose_older_version_is_the_last_record_is_seen(told):
    told.sent(0).sent(1).struck("worker stopped beyond the session")
    told.ended(0).ended(1).ended(0)

    assert told.broken() >= {
        "the last record of a key is its newest version",
        "no version goes back",
    }
    [example] = told.line("the last record of a key is its newest version").examples
    assert "worker stopped beyond the session" in example


def test_a_version_that_goes_back_and_forth_is_seen(told):
    told.sent(0).sent(1).ended(0).ended(1).ended(0).ended(1)

    assert "no version goes back" in told.broken()
    assert "the last record of a key is its newest version" not in told.broken()


def test_poison_is_no_version_of_its_document(told):
    told.sent(0).sent(1, outcome="dead", reason="too_long")
    told.ended(0).ended(1, kind="dead", reason="too_long").committed(2).compacted(a=0).add(
        "finished"
    )

    assert told.broken() == set()


def test_a_commit_that_passes_an_unfinished_document_is_seen_though_it_ends_later(told):
    told.sent(0).sent(1).ended(0).committed(2).ended(1)

    assert "committed offsets never pass an unfinished document" in told.broken()


def test_a_commit_up_to_the_finished_documents_is_kept(told):
    told.sent(0).sent(1).ended(0).committed(1).ended(1).committed(2)

    assert "committed offsets never pass an unfinished document" not in told.broken()


@pytest.mark.parametrize(("lag", "broken"), [(0.0, True), (2.0, False)])
def test_lag_that_reads_0_while_documents_wait_is_seen(told, lag, broken):
    told.add("lag", worker="worker-1", partition=0, lag=lag, end=5, committed=3)

    assert ("lag never reads 0 while documents wait" in told.broken()) is broken


@pytest.mark.parametrize(
    ("status", "signal", "lived", "broken"),
    [
        (0, "SIGTERM", True, False),
        (-9, "SIGKILL", True, False),
        (70, None, True, True),
        (-15, "SIGTERM", True, True),
        (-15, "SIGTERM", False, False),  # it had not begun yet
    ],
)
def test_a_worker_that_ends_by_itself_or_badly_is_seen(told, status, signal, lived, broken):
    exited = {"worker": "worker-1", "what": "exited", "status": status}
    told.add("worker", **exited, told=signal, lived=lived)

    assert ("workers end when told, cleanly, and only then" in told.broken()) is broken


def test_a_worker_that_hangs_is_seen(told):
    told.add("hung", worker="worker-1", timeout_s=20)

    assert "workers end when told, cleanly, and only then" in told.broken()


def test_what_is_not_committed_at_the_end_is_seen(told):
    assert "everything is committed at the end" in told.committed(3, end=5).broken()


@pytest.mark.parametrize("held", [{"a": 0}, {}, {"a": 1, "b": 2}])
def test_a_compacted_topic_that_holds_something_else_is_seen(told, held):
    good(told).compacted(**held)

    assert "compacted, the topic holds the newest" in told.broken()


def test_a_fault_counts_only_if_a_document_was_in_flight(told, tmp_path, capsys):
    good(told).struck("engine killed", in_flight=0)
    path = tmp_path / "history.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in told.events))

    assert check(path)
    printed = capsys.readouterr().out
    assert "1 faults of 1 kinds with documents in flight" in printed
    assert "0 of   1  engine killed" in printed


def test_a_history_that_breaks_off_is_no_proof(told):
    assert "the run was finished" in told.sent(0).ended(0).committed(1).broken()


def test_a_file_without_a_run_is_refused():
    with pytest.raises(ValueError, match="no event `run`"):
        facts_of([])


@pytest.mark.parametrize(
    ("kind", "evicts", "status", "broken"),
    [
        ("worker stopped beyond the session", 1, 70, False),
        ("worker stopped beyond the session", 1, 1, True),
        ("redis killed", 0, 70, True),
    ],
)
def test_a_worker_that_lost_its_partitions_may_end_by_itself(told, kind, evicts, status, broken):
    told.struck(kind, evicts=evicts)
    told.add("worker", worker="worker-1", what="exited", status=status, told=None, lived=True)

    assert ("workers end when told, cleanly, and only then" in told.broken()) is broken


@pytest.mark.parametrize("signal", [None, "SIGTERM"])
@pytest.mark.parametrize(("later_s", "broken"), [(20, False), (40, True)])
def test_a_worker_may_learn_that_it_was_fenced_in_the_middle_of_the_next_fault(
    told, later_s, broken, signal
):
    told.struck("worker stopped beyond the session", evicts=1).struck("redis killed")
    told.add("worker", worker="worker-1", what="exited", status=70, told=signal, lived=True)
    told.events[-1]["at"] += later_s

    assert ("workers end when told, cleanly, and only then" in told.broken()) is broken
