"""Training texts: the prompts' own form, what is to be written, the same for the same seed."""

import gzip
import json
import os
import random
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from support import ROOT

from ner_core.evaluation.corpora import read_corpus
from ner_core.labels import EntityType, LabelSet, load_label_set
from ner_core.types import Demonstration, Span, TypedSpan
from training.augment import mistyped, recased, surfaces_of, swapped
from training.naming import names_for
from training.negatives import negative
from training.sequences import Sequences
from training.sources import EVALUATED, SETS, SOURCES, WRITTEN, read_sources

CONTROL = ("<|endoftext|>",)


def sentence(text, *entities, number=0):
    spans = (
        TypedSpan(Span(text.index(name), text.index(name) + len(name)), kind)
        for name, kind in entities
    )
    return Demonstration(f"s{number}", text, tuple(spans), "uner")


SENTENCES = [
    sentence("Ada Kern left Lindholm Bank.", ("Ada Kern", "per"), ("Lindholm Bank", "org")),
    sentence("Rain fell on Varna all day.", ("Varna", "loc"), number=1),
    sentence("Nothing at all happened today.", number=2),
    sentence("Then Bo Riis wrote to Ada Kern.", ("Bo Riis", "per"), ("Ada Kern", "per"), number=3),
]


def texts(number=200, seed=0):
    return list(islice(Sequences({"uner": SENTENCES}, CONTROL, seed), number))


def asked(number=200):
    """Texts that end with a question about one span."""
    return [text for text in texts(number) if text.written[-1].weight > 2]


def written(text):
    return [text.text[part.start : part.end] for part in text.written]


def test_what_is_to_be_written_of_a_sentence_is_a_whole_answer_line():
    lists = [t for t in texts() if "\nEntities:" in t.text and t.written[-1].weight < 2]

    assert lists
    for text in lists:
        for answer in written(text):
            assert answer.endswith("\n")
            assert answer.startswith(" {")
        assert "".join(written(text)).count("{") == text.text.count("\nEntities:")


def test_a_choice_is_asked_of_a_span_that_stands_in_the_last_sentence():
    choices = [t for t in asked() if "\nCheck: " not in t.text]

    assert {written(t)[-1] == 'none"' for t in choices} == {True, False}
    for text in choices:
        last, answer = text.text.rsplit("\nText: ", 1)[1].split("\n", 1)
        surface = json.loads(answer.removeprefix("Entities: {").rsplit(": ", 1)[0])
        assert surface in last.replace("[", "").replace("]", "")
        assert written(text)[-1] == answer.rsplit('"', 2)[-2] + '"'


def test_a_check_comes_without_a_list_of_names_before_it_and_says_yes_to_the_right_type_alone():
    checks = [t for t in asked(600) if "\nCheck: " in t.text]
    gold = {"Ada Kern": "per", "Lindholm Bank": "org", "Varna": "loc", "Bo Riis": "per"}
    usual = {"per": "person", "loc": "location", "org": "organization"}
    said = set()

    for text in checks:
        _, question = text.text.rsplit("\nText: ", 1)[1].split("\n", 1)
        surface, name, answer = re.fullmatch(
            r'Check: "(.*)" is a (.*): (yes|no)\n', question
        ).groups()
        assert written(text)[-1] == f" {answer}\n"
        if name in usual.values() and surface in gold:
            said.add((usual[gold[surface]] == name, answer))

    assert said == {(True, "yes"), (False, "no")}


def test_a_span_whose_surface_stands_twice_is_marked_in_a_second_copy_of_the_sentence():
    twice = [sentence("Ada saw Ada in Ada.", ("Ada", "per"), number=4)]
    found = islice(Sequences({"uner": twice}, CONTROL, 0), 100)
    questions = [t.text for t in found if t.written[-1].weight > 2 and '"Ada"' in t.text[-30:]]

    assert questions
    assert all("[Ada]" in question for question in questions)


def test_names_in_answers_are_names_of_the_list():
    for text in texts():
        if not text.text.startswith("You find"):
            continue
        listed = text.text.split("Types:\n", 1)[1].split("\n\n", 1)[0].replace("- ", "").split("\n")
        for answer in written(text):
            if answer.startswith(" {"):
                assert set(json.loads(answer).values()) <= set(listed)


def test_the_same_seed_gives_the_same_texts_whatever_the_hash_seed_of_the_process():
    code = (
        "import sys; sys.path[:0] = ['tests', 'tests/unit/training']\n"
        "import hashlib, test_training as t\n"
        "print(hashlib.sha256(repr(t.texts(50)).encode()).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(said) == 1
    assert texts(20) != texts(20, seed=1)


@pytest.mark.parametrize("seed", range(20))
def test_swapped_names_are_names_of_the_same_type_and_stand_where_they_are_said_to(seed):
    surfaces = surfaces_of(SENTENCES)
    changed = swapped(SENTENCES[0], surfaces, random.Random(seed))

    for entity in changed.entities:
        assert changed.surface(entity) in surfaces[entity.type]
    assert changed.text.endswith(".")


@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
def test_in_another_case_names_keep_their_places(case):
    original = sentence("Straße in ﬁne Ada Kern.", ("Ada Kern", "per"))
    changed = recased(original, case)

    assert changed.surface(changed.entities[0]).lower() == "ada kern"


def test_a_slip_spares_the_names():
    for seed in range(50):
        changed = mistyped(SENTENCES[0], random.Random(seed))
        assert [changed.surface(e) for e in changed.entities] == ["Ada Kern", "Lindholm Bank"]
    assert changed.text != SENTENCES[0].text


def test_what_is_said_to_be_none_is_no_entity():
    for seed in range(200):
        for one in SENTENCES:
            span = negative(one, random.Random(seed))
            assert span is not None
            assert span not in [entity.span for entity in one.entities]
            assert one.text[span.start : span.end].strip()


def test_beside_the_types_of_a_small_label_set_no_others_are_listed():
    sentences = read_corpus(SETS / "aviation.jsonl", "aviation")
    kinds = load_label_set(SETS / "aviation.toml").types

    for text in islice(Sequences({"aviation": sentences}, CONTROL, 0), 100):
        assert text.text.count("\n- ") <= len(kinds)


def test_types_are_called_by_names_that_can_stand_in_one_label_set():
    usual = SOURCES["music"].names | {"person": "person", "band": "band", "song": "song"}
    ways = [names_for(usual, random.Random(seed)) for seed in range(300)]

    assert any(named == dict(usual) for named, _ in ways)
    assert any("type A" in named.values() for named, _ in ways)
    for named, more in ways:
        names = [*named.values(), *more]
        assert named.keys() == usual.keys()
        assert not [a for a in names for b in names if a is not b and b.startswith(a)]


def write(path, *lines):
    objects = [json.dumps({"text": text, "entities": entities}) for text, entities in lines]
    path.write_bytes(gzip.compress("\n".join(objects).encode()))


def test_a_sentence_of_an_evaluated_file_is_not_trained_on_wherever_it_stands(tmp_path):
    entity = [{"start": 0, "end": 3, "label": "PER"}]
    files = [file for source in SOURCES.values() for file in source.files]
    for file in files:
        write(tmp_path / f"{file}.jsonl.gz", ("Ada is here.", entity), (f"Ada: {file}", entity))
    for file in EVALUATED:
        write(tmp_path / f"{file}.jsonl.gz", ("ADA  is here.", entity))

    read = read_sources(tmp_path)
    found = {one.text for name in read if SOURCES[name].files for one in read[name]}

    assert found == {f"Ada: {file}" for file in files}


def test_of_a_source_with_some_names_labeled_only_sentences_without_others_are_read(tmp_path):
    entity = [{"start": 0, "end": 3, "label": "person-other"}]
    files = [file for source in SOURCES.values() for file in source.files]
    for file in (*files, *EVALUATED):
        write(tmp_path / f"{file}.jsonl.gz", ("Rain fell on Varna.", []))
    write(
        tmp_path / "fewnerd_inter.dev.jsonl.gz",
        ("Ada met Bo Riis in 1950.", entity),
        ("Ada met her in 1950.", entity),
    )

    assert [one.text for one in read_sources(tmp_path)["wikipedia"]] == ["Ada met her in 1950."]


def test_nothing_that_is_reported_or_chosen_by_is_trained_on():
    trained = {file for source in SOURCES.values() for file in source.files}

    assert not trained & set(EVALUATED)
    assert not [file for file in trained if "politics" in file or "literature" in file]
    assert not [file for file in trained if file.endswith(".test")]


OURS = sorted(WRITTEN.rglob("*.jsonl"))


def test_every_file_of_our_own_is_trained_on_once():
    read = [file for source in SOURCES.values() for file in source.written]

    assert sorted(read) == sorted(str(path.relative_to(WRITTEN).with_suffix("")) for path in OURS)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_names_in_sentences_of_our_own_are_whole_words_and_lie_apart(path):
    for sentence in read_corpus(path, path.stem, nested="keep"):
        ends = [0, *(entity.span.end for entity in sentence.entities)]
        for before, entity in zip(ends, sentence.entities, strict=False):
            surface = sentence.surface(entity)
            assert before <= entity.span.start
            assert surface == surface.strip()
            assert not sentence.text[entity.span.start - 1 : entity.span.start].isalpha()
            assert not re.match(r"[^\W\d_]", sentence.text[entity.span.end :]), surface


def test_no_sentence_of_our_own_stands_twice():
    sentences = [one.text for path in OURS for one in read_corpus(path, path.stem)]

    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("name", [name for name in SOURCES if SOURCES[name].written])
def test_types_of_our_own_can_stand_in_one_label_set(name):
    source = SOURCES[name]
    sentences = [one for path in source.paths(Path()) for one in read_corpus(path, name)]
    kinds = sorted(surfaces_of(sentences))

    LabelSet(name, tuple(EntityType(k, source.names.get(k, k), "") for k in kinds))
