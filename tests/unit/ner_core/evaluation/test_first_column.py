"""What other programs have in the place of the token is refused; no token is."""

import pytest
from support.corpora import read

from ner_core.evaluation.corpora import CorpusError


def refusal(folder, *lines):
    with pytest.raises(CorpusError) as raised:
        read(folder, "a.conll", "\n".join(lines))
    return str(raised.value)


@pytest.mark.parametrize("tag", ["PER", "B-PER"])
@pytest.mark.parametrize(
    "header",
    [
        "Token\tLabel",
        "word POS ner_tag",
        "Sentence #\tWord\tPOS\tTag",
        "TOKEN\tNE-COARSE\tMISC",
        "IDs Entities",
    ],
)
def test_a_header_is_refused(tmp_path, header, tag):
    said = refusal(tmp_path, header, f"Ada\t{tag}", "saw\tO")

    assert f"line 1: {header!r} looks like a header; remove this line" in said


@pytest.mark.parametrize(
    "languages", [("en", "en"), ("en", "de"), ("simple",) * 2, ("be-x-old",) * 2]
)
def test_tokens_that_begin_with_languages_are_refused(tmp_path, languages):
    first, second = languages

    said = refusal(tmp_path, f"{first}:Ada\tB-PER", f"{first}:saw\tO", f"{second}:Oslo\tB-LOC")

    assert "line 1: " in said
    assert "every token begins with a language, as in WikiANN" in said


@pytest.mark.parametrize("separator", [",", ";", "|"])
def test_tokens_that_end_with_a_separator_are_refused(tmp_path, separator):
    lines = [f"{word}{separator} O" for word in ("Ada", "saw", "Oslo", separator)]

    assert f"every token ends with {separator!r}" in refusal(tmp_path, *lines)


@pytest.mark.parametrize("between", ["", "\n"])
@pytest.mark.parametrize("first", ["doc1", "a.txt\t12", "Sentence:"])
def test_what_comes_first_on_every_line_is_no_token(tmp_path, first, between):
    lines = [f"{first}\t{word}\tO" for word in ("Ada", "saw", "Oslo", "today")]

    said = refusal(tmp_path, *lines, between, *lines)

    assert f"line 1: {lines[0]!r}: " in said
    assert "comes first on line after line; the token comes first, its tag last" in said


def test_numbers_that_go_on_from_sentence_to_sentence_are_refused_where_they_do(tmp_path):
    said = refusal(tmp_path, "1 Ada B-PER", "2 left O", "", "3 Bo B-PER", "4 left O")

    assert "line 4: '3 Bo B-PER' breaks the numbering of the words" in said


@pytest.mark.parametrize(
    "rows",
    [
        ["YEAH UH O", "YEAH UH O", "YEAH UH O", "Ada NNP B-PER"],
        ["Word B-MISC", "left O"],
        ["Id NNP B-MISC", "left VBD O"],
        [", , O", ", , O", ", , O"],
        ["en:Ada B-PER", "en:saw O", "Oslo B-LOC"],
        ["1 CD O", "Ada NNP B-PER", "left VBD O"],
        ["① CD O", "② CD O", "² CD O"],
        ["Text MISC", "Ada PER", "went O"],
    ],
)
def test_tokens_that_are_alike_are_tokens(tmp_path, rows):
    [(text, _)] = read(tmp_path, "a.conll", "\n".join(rows))

    assert text == " ".join(row.split()[0] for row in rows)
