"""When too many documents die, and how a restart goes on from there."""

import pytest

from streams.worker.dead_ratio import WINDOW, DeadRatio

P0, P1 = ("documents", 0), ("documents", 1)


def counted(most=0.05, *, good=0, dead=0, partition=P0):
    ratio = DeadRatio(most)
    for died in [False] * good + [True] * dead:
        ratio.count(partition, dead=died)
    return ratio


@pytest.mark.parametrize(
    ("good", "dead", "too_many"),
    [(0, 98, False), (0, 99, True), (95, 4, False), (94, 5, True), (900, 40, False)],
)
def test_one_more_is_too_many_over_the_ratio_and_after_a_hundred(good, dead, too_many):
    assert counted(good=good, dead=dead).one_more_is_too_many() is too_many


def test_a_ratio_of_one_lets_everything_pass():
    assert not counted(1.0, dead=5_000).one_more_is_too_many()


def test_partitions_are_judged_together():
    ratio = counted(good=50)
    for _ in range(50):
        ratio.count(P1, dead=True)

    assert ratio.one_more_is_too_many()
    ratio.forget([P1])
    assert not ratio.one_more_is_too_many()


def test_a_note_takes_the_figures_to_the_next_reader():
    before, after = counted(dead=99), DeadRatio(0.05)

    after.restore(P0, before.note(P0))

    assert after.one_more_is_too_many()
    assert str(after).startswith("99 of the last 99 documents are dead; one more would exceed")


@pytest.mark.parametrize("note", ["", "somebody else's", "ended=-1 dead=99999999999"])
def test_a_note_of_another_form_counts_for_nothing(note):
    ratio = counted(dead=99)

    ratio.restore(P0, note)

    assert not ratio.one_more_is_too_many()


def test_good_documents_make_up_for_dead_ones():
    ratio = counted(dead=99)
    assert ratio.one_more_is_too_many()

    for _ in range(10 * WINDOW):
        ratio.count(P0, dead=False)

    assert not ratio.one_more_is_too_many()


@pytest.mark.parametrize(
    ("good", "dead", "note"),
    [(0, 0, "ended=0 dead=0"), (993, 6, "ended=999 dead=6"), (994, 6, "ended=500 dead=3")],
)
def test_the_figures_are_halved_at_a_thousand(good, dead, note):
    assert counted(good=good, dead=dead).note(P0) == note


def test_a_partition_that_was_never_counted_can_be_given_up():
    ratio = counted(good=3)

    ratio.forget([P1])

    assert (ratio.note(P0), ratio.note(P1)) == ("ended=3 dead=0", "ended=0 dead=0")


def test_documents_whose_outputs_were_refused_are_each_one_dead_more():
    ratio = DeadRatio(0.05)
    for _ in range(3):
        ratio.count(P0, dead=False)
    ratio.recount_as_dead(P0)
    ratio.recount_as_dead(P0)

    assert ratio.note(P0) == "ended=3 dead=2"
