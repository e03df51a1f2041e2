"""What each stage saw and answered, sentence by sentence."""

from support.members import sentences

from ner_core.stages.explanation import Stages, explain
from ner_core.stages.extraction import Extraction
from ner_core.stages.verification import Verdict
from ner_core.stages.voting import Tally
from ner_core.types import Demonstration, Span, Vote

FIRST, SECOND = sentences("Ada left.", "Bo came.")
ADA, BO = Span(0, 3), Span(0, 2)
SHOWN = Demonstration("came", "Varna came.", ())


def test_every_sentence_has_its_demonstrations_proposals_and_votes_at_the_offsets_of_the_field():
    extraction = Extraction(
        {"a": {0: ((ADA, "person"),), 1: ()}, "b": {0: (), 1: ((BO, "city"),)}},
        {0: (ADA,), 1: (BO,)},
    )
    votes = {
        (FIRST, ADA): (Vote("a", "person", {"person": 0.75}), Vote("b", None)),
        (SECOND, BO): (Vote("b", "location"),),
    }

    stages = Stages(
        rough={0: (ADA,), 1: ()},
        demonstrations={0: (), 1: (SHOWN,)},
        extraction=extraction,
        votes=votes,
        elected={(SECOND, BO): Tally("location", {"location": 1}, 0.5)},
        verdicts={(SECOND, BO): Verdict(verified=True, yes=0.9)},
    )

    first, second = explain([FIRST, SECOND], stages)

    assert first == {
        "field": "text",
        "start": 0,
        "text": "Ada left.",
        "rough": [(0, 3)],
        "demonstrations": [],
        "extracted": {"a": [[0, 3, "person"]], "b": []},
        "votes": [
            [
                0,
                3,
                {
                    "a": {"type": "person", "probabilities": {"person": 0.75}},
                    "b": {"type": None, "probabilities": {}},
                },
            ]
        ],
        "elected": [],
    }
    assert second == {
        "field": "text",
        "start": 100,
        "text": "Bo came.",
        "rough": [],
        "demonstrations": ["came"],
        "extracted": {"a": [], "b": [[100, 102, "city"]]},
        "votes": [[100, 102, {"b": {"type": "location", "probabilities": {}}}]],
        "elected": [[100, 102, "location", 0.5, True]],
    }


def test_a_sentence_without_mentions_has_no_votes():
    [only] = explain([FIRST], Stages({0: ()}, {0: ()}, Extraction({}, {0: ()}), {}, {}, {}))

    assert (only["extracted"], only["votes"]) == ({}, [])
