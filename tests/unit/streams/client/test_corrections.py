"""What people corrected in Label Studio becomes demonstrations."""

import json

import pytest
from support.tagged import entity, tagged

from ner_core.errors import ConfigurationError
from ner_core.types import Demonstration, Span, TypedSpan
from streams.client.corrections import corrections
from streams.export.label_studio import label_studio
from streams.wire.demonstrations import decode_demonstration, encode_demonstration

TEXT = "🚀 Ada left Rome. Then Bob came. All slept."
ADA, ROME, BOB = (2, 5, "person"), (11, 15, "location"), (22, 25, "person")


def task(*spans, text=TEXT, predicted=(ADA, ROME), **annotation):
    """A task as it was exported, and then annotated with these spans."""
    entities = [entity(start, end, kind) for start, end, kind in predicted]
    [made] = json.loads(label_studio([tagged(text, *entities, id="doc")]).content)
    values = [
        {"start": start, "end": end, "text": text[start:end], "labels": [kind]}
        for start, end, kind in spans
    ]
    result = [{"type": "labels", "value": value} for value in values]
    return {**made, "id": 7, "annotations": [{"result": result, **annotation}]}


@pytest.fixture
def read(tmp_path):
    def read_(*tasks):
        path = tmp_path / "project.json"
        path.write_text(json.dumps(tasks), "utf-8")
        return corrections(str(path))

    return read_


def test_only_sentences_that_were_corrected_are_demonstrations(read):
    found = read(task(ADA, ROME, BOB))

    entities = (TypedSpan(Span(5, 8), "person"),)
    assert found.demonstrations == [Demonstration("doc/text/17", "Then Bob came.", entities)]
    assert decode_demonstration(encode_demonstration(found.demonstrations[0]))


def test_a_corrected_sentence_is_annotated_completely(read):
    [demonstration] = read(task((0, 5, "work"), ROME)).demonstrations

    assert demonstration.text == "🚀 Ada left Rome."
    assert [(demonstration.surface(e), e.type) for e in demonstration.entities] == [
        ("🚀 Ada", "work"),
        ("Rome", "location"),
    ]


def test_a_sentence_from_which_all_was_removed_is_a_demonstration_of_none(read):
    [demonstration] = read(task()).demonstrations

    assert (demonstration.text, demonstration.entities) == ("🚀 Ada left Rome.", ())


def test_tasks_as_predicted_or_not_annotated_are_counted(read):
    skipped = task(BOB, was_cancelled=True)
    found = read(task(ADA, ROME), {**skipped, "annotations": []}, skipped)

    assert (found.demonstrations, found.misfits) == ([], [])
    assert (found.as_predicted, found.not_annotated) == (1, 2)


def test_the_minimal_form_is_read_too(read):
    whole = task(ADA, ROME, BOB)
    values = [region["value"] for region in whole["annotations"][0]["result"]]
    minimal = {"id": 7, **whole["data"], "label": values, "annotator": 1}

    assert read(minimal).demonstrations == read(whole).demonstrations


def test_offsets_in_utf_16_as_older_versions_wrote_them_are_converted(read):
    older = task(ADA, ROME, BOB)
    for region in older["annotations"][0]["result"]:
        region["value"] |= {k: region["value"][k] + 1 for k in ("start", "end")}

    assert read(older).demonstrations == read(task(ADA, ROME, BOB)).demonstrations


def test_blanks_that_were_selected_with_a_name_are_left_out(read):
    assert read(task(ADA, (10, 16 - 1, "location"), BOB)).demonstrations == (
        read(task(ADA, ROME, BOB)).demonstrations
    )


def test_a_wrong_name_over_two_sentences_is_corrected_in_the_one_it_began_in(read):
    [demonstration] = read(task(ROME, predicted=((11, 25, "work"),))).demonstrations

    assert demonstration.text == "🚀 Ada left Rome."


def test_a_name_over_two_sentences_makes_them_one(read):
    [demonstration] = read(task((11, 25, "work"), predicted=())).demonstrations

    assert demonstration.text == "🚀 Ada left Rome. Then Bob came."


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"data": {"text": "Ada"}, "annotations": []}, "not a task that `tagwire annotate export`"),
        (task((5, 6, "person")), "[5, 6) person is white space alone"),
        (task((90, 99, "person")), "is not a span"),
        ({**task(ADA), "annotations": [{"result": []}, {"result": []}]}, "has 2 annotations"),
    ],
)
def test_a_task_that_cannot_be_used_is_named_and_the_others_are_read(read, wrong, why):
    found = read(wrong, task(ADA, ROME, BOB))

    [misfit] = found.misfits
    assert misfit.startswith("task 1: ")
    assert why in misfit
    assert len(found.demonstrations) == 1


@pytest.mark.parametrize(
    "content", [b"no JSON", b'{"data": {}}', b"[1]", b"[" * 100_000, b"\xff\xfe[", b"\xff"]
)
def test_what_is_no_export_is_refused(tmp_path, content):
    path = tmp_path / "project.json"
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"project\.json is not an export of Label Studio"):
        corrections(str(path))
