import hashlib
import json

import pytest
import wikinews

ARTICLE = {
    "id": "a",
    "title": "Oryn Air grows",
    "text": "Oryn Air flies to Lund. The Dane Kai Oryn leads it.",
}
TYPES = {
    ("title", "Oryn Air"): "organization",
    ("text", "Oryn Air"): "organization",
    ("text", "Lund"): "location",
    ("text", "Dane"): "group",
    ("text", "Kai Oryn"): "person",
}


def entities(types):
    return [
        {
            "field": name,
            "start": ARTICLE[name].index(surface),
            "end": ARTICLE[name].index(surface) + len(surface),
            "text": surface,
            "type": kind,
            "verified": kind == "person" or None,
        }
        for (name, surface), kind in types.items()
    ]


def gold():
    places = [
        {**e, "group": group} for e, group in zip(entities(TYPES), [0, 0, 1, 2, 3], strict=True)
    ]
    places[3]["optional"] = True
    text = f"{ARTICLE['title']}\n{ARTICLE['text']}"
    return {
        "id": "a",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "main": [0],
        "groups": [{"type": t} for t in ("organization", "location", "group", "person")],
        "entities": places,
    }


def judged(types, article=ARTICLE):
    judgement = wikinews.Judgement()
    judgement.add(gold(), {"entities": entities(types)}, article)
    return judgement


def test_what_is_tagged_as_annotated_is_right():
    judgement = judged(TYPES)

    assert (judgement.right, judgement.found, judgement.wanted) == (4, 4, 4)
    assert (judgement.verified, judgement.verified_right) == (1, 1)
    assert judgement.wrong_subjects == judgement.two_types == []


def test_an_optional_mention_counts_neither_for_nor_against():
    judgement = judged(TYPES | {("text", "Dane"): "person"})

    assert (judgement.right, judgement.found, judgement.wanted) == (4, 4, 4)


def test_a_main_subject_with_a_wrong_type_anywhere_is_wrong():
    judgement = judged(TYPES | {("text", "Oryn Air"): "person"})

    assert len(judgement.wrong_subjects) == 1
    assert judgement.two_types == ["a Oryn Air: organization, person"]


def test_a_main_subject_of_which_half_is_found_is_right():
    types = {place: kind for place, kind in TYPES.items() if place != ("text", "Oryn Air")}

    assert judged(types).wrong_subjects == []
    assert judged({("text", "Lund"): "location"}).wrong_subjects != []


def test_an_article_that_was_changed_since_is_refused():
    with pytest.raises(wikinews.ChangedArticleError, match=r"^a: "):
        judged(TYPES, ARTICLE | {"text": ARTICLE["text"] + " "})


def test_records_are_found_by_the_id_of_their_document(tmp_path):
    records = tmp_path / "records.jsonl"
    records.write_text(json.dumps({"document_id": "a", "entities": entities(TYPES)}) + "\n")

    assert wikinews.rows(records, "document_id")["a"]["entities"] == entities(TYPES)


def test_an_article_that_was_not_tagged_counts_as_nothing_found():
    judgement = wikinews.Judgement()
    judgement.add(gold(), wikinews.NOT_TAGGED, ARTICLE)

    assert (judgement.right, judgement.found, judgement.wanted) == (0, 0, 4)
