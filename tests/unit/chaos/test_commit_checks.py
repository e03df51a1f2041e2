"""What the checker says of commits and the documents before them."""

from chaos.checks import commits_never_pass_a_document
from chaos.facts import facts_of


def judged(committed, end, life=1):
    """The line on a topic with two documents without outcome, and one commit."""
    inputs = [
        {"at": 1.0, "event": "input", "sequence": n, "life": life, "key": "a", "partition": 0,
         "offset": n}
        for n in range(2)
    ]  # fmt: skip
    sample = {"committed": {"0": committed}, "documents_end": {"0": end}, "ends": {}, "life": life}
    run = {"at": 0.0, "event": "run"}
    return commits_never_pass_a_document(
        facts_of([run, *inputs, {"at": 2.0, "event": "committed", **sample}])
    )


def test_a_commit_at_the_end_passes_the_documents_without_outcome():
    assert not judged(committed=2, end=2).kept


def test_a_commit_beyond_the_end_is_of_a_topic_that_was_deleted():
    line = judged(committed=413, end=2)

    assert line.kept
    assert "1 times a commit of a deleted topic was left" in line.figures


def test_a_commit_beyond_the_end_of_a_topic_that_was_never_deleted_passes_its_documents():
    assert not judged(committed=413, end=2, life=0).kept
