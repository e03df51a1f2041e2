"""Columns of other makers: schemes of tags, numbered words, brackets, comments."""

import re

import pytest
from support.corpora import loaded, read

from ner_core.evaluation.corpora import CorpusError

ADA = [("Ada", "per"), ("Oslo", "loc")]


def refusal(folder, content, name="a.conll"):
    with pytest.raises(CorpusError) as raised:
        read(folder, name, content)
    return str(raised.value)


@pytest.mark.parametrize(
    "content", ["-DOCSTART- O\n", "-DOCSTART- -X- O O\n\n", "# newdoc id = a\n"]
)
def test_a_file_with_marks_of_documents_alone_has_no_sentence(tmp_path, content):
    assert refusal(tmp_path, content).endswith("a.conll: no labeled sentence")


def test_a_number_sign_with_a_tag_is_a_token_and_may_have_a_type(tmp_path):
    content = "We O\nare O\n# B-MISC\n1 I-MISC\nin O\nOslo B-LOC\n"

    assert read(tmp_path, "a.conll", content) == [
        ("We are # 1 in Oslo", [("# 1", "misc"), ("Oslo", "loc")])
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("#\tB-MISC\n1\tI-MISC\n", "# 1"),
        ("# # B-MISC\n1 CD I-MISC\n", "# 1"),
        ("# newdoc id = a\n#1 B-MISC\n", "#1"),
        ("#\thttp://x.org\t[2009-10-17]\n#\tB-MISC\n1\tI-MISC\n", "# 1"),
        ("# text = # 1 O\n# B-MISC\n1 I-MISC\n", "# 1"),
    ],
)
def test_comments_and_tokens_that_begin_alike_are_told_apart(tmp_path, content, text):
    assert [found for found, _ in read(tmp_path, "a.conll", content)] == [text]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("PER PER O LOC", [("Ada Kern", "per"), ("Oslo", "loc")]),
        ("B_PER I_PER O B_LOC", [("Ada Kern", "per"), ("Oslo", "loc")]),
        ("B-PER I-PER o B-LOC", [("Ada Kern", "per"), ("Oslo", "loc")]),
        ("I-PER I-PER O I-LOC", [("Ada Kern", "per"), ("Oslo", "loc")]),
        ("I-PER B-PER O I-LOC", [("Ada", "per"), ("Kern", "per"), ("Oslo", "loc")]),
        ("B-PER E-PER O S-LOC", [("Ada Kern", "per"), ("Oslo", "loc")]),
        ("B-PER L-PER O U-LOC", [("Ada Kern", "per"), ("Oslo", "loc")]),
        ("B-PER M-PER O W-LOC", [("Ada Kern", "per"), ("Oslo", "loc")]),
        ("geo-political geo-political O art.work", [
            ("Ada Kern", "geo-political"), ("Oslo", "art.work"),
        ]),
    ],
)  # fmt: skip
def test_every_known_scheme_is_read(tmp_path, tags, expected):
    rows = zip("Ada Kern saw Oslo".split(), tags.split(), strict=True)
    content = "\n".join(f"{word} {tag}" for word, tag in rows)

    assert read(tmp_path, "a.conll", content) == [("Ada Kern saw Oslo", expected)]


def test_nothing_may_be_written_small_among_types_alone(tmp_path):
    assert read(tmp_path, "a.conll", "Ada PER\nsaw o\n. O\n") == [("Ada saw .", [("Ada", "per")])]


@pytest.mark.parametrize(
    ("tags", "line", "tag"),
    [
        ("PER PER O B_LOC", 1, "PER"),
        ("B-PER I-PER O LOC", 4, "LOC"),
        ("PER-B PER-I O LOC-B", 1, "PER-B"),
        ("PER_B PER_I O LOC_B", 1, "PER_B"),
        ("O-PER PER O LOC", 1, "O-PER"),
        ("B I O B", 1, "B"),
        ("b-per i-per O b-loc", 1, "b-per"),
        ("B-PER I- O B-LOC", 2, "I-"),
        ("B-PER I-PER 0 B-LOC", 3, "0"),
        ("B-PER I-PER _ B-LOC", 3, "_"),
        ("(PER* *) * (LOC)", 1, "(PER*"),
        ("1 1 0 3", 1, "1"),
        ("NNP NNP VBD NNP", 1, "NNP"),
        ("B-PER|B-ORG I-PER|I-ORG O O", 1, "B-PER|B-ORG"),
        ("B-PER,B-ORG O O O", 1, "B-PER,B-ORG"),
        ("B-PER/I-ORG O O O", 1, "B-PER/I-ORG"),
        ("B-PER I-PER O B-LOC|S-X", 4, "B-LOC|S-X"),
    ],
)
def test_a_tag_of_no_scheme_is_refused_with_its_line(tmp_path, tags, line, tag):
    rows = zip("Ada Kern saw Oslo".split(), tags.split(), strict=True)

    said = refusal(tmp_path, "\n".join(f"{word} {tag}" for word, tag in rows))

    assert f"a.conll, line {line}: " in said
    assert f"{tag!r} is neither O nor B-, I-" in said


def test_a_line_without_its_tag_is_refused_in_a_file_whose_tags_are_types_alone(tmp_path):
    said = refusal(tmp_path, "Ada NNP PER\nmet VBD\nOslo NNP O\n")

    assert "line 2: 'met VBD' has 2 columns, the first line of its sentence 3" in said


def test_a_token_with_a_blank_needs_tabs(tmp_path):
    assert read(tmp_path, "a.tsv", "New York\tB-LOC\nis\tO\n") == [
        ("New York is", [("New York", "loc")])
    ]
    assert "line 2: 'New York B-LOC' has 3 columns" in refusal(tmp_path, "in O\nNew York B-LOC\n")


def test_white_space_that_is_no_blank_is_part_of_a_token(tmp_path):
    content = "10\u00a0000 B-NUM\n\u3000 O\nOslo\u2028x B-LOC\n"

    [(text, found)] = read(tmp_path, "a.conll", content)

    assert text == "10\u00a0000 \u3000 Oslo\u2028x"
    assert found == [("10\u00a0000", "num"), ("Oslo\u2028x", "loc")]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_mark_are_no_part_of_tokens_or_tags(tmp_path, ends, mark):
    content = mark + ends.join(["Ada B-PER", "left O", "", "Bo B-PER", ""])

    assert read(tmp_path, "a.conll", content) == [
        ("Ada left", [("Ada", "per")]),
        ("Bo", [("Bo", "per")]),
    ]


CONLL_U = """# sent_id = 1
# text = Ada saw Oslo
1\tAda\tB-PER\t-\t-
2\tsaw\tO\t-\t-
3\tOslo\tB-LOC\t-\t-
"""
PLUS = """# global.columns = ID FORM UPOS MISC NER
1-2\tAdasaw\t_\t_\t_
1\tAda\tPROPN\t_\tB-PER
2\tsaw\tVERB\t_\t*
2.1\tx\t_\t_\t_
3\tOslo\tPROPN\t_\tB-LOC
"""
MISC = "\n".join(
    f"{number}\t{word}\t{word}\tX\t_\t_\t0\tdep\t_\t{misc}"
    for number, word, misc in (
        (1, "Ada", "SpaceAfter=Yes|NER=B-PER"), (2, "saw", "_"), (3, "Oslo", "NER=S-LOC"),
    )
)  # fmt: skip
GERMEVAL = """#\thttp://example.org [2009-10-17]
1\tAda\tB-PER\tO
2\tsaw\tO\tO
3\tOslo\tB-LOC\tO
"""
ONTONOTES = """#begin document (bc/x/00/x_0001); part 000
bc/x/00/x_0001 0 0 Ada NNP (TOP* - - - Speaker#1 (PER) * (0)
bc/x/00/x_0001 0 1 saw VBD * see 01 1 Speaker#1 * (V*) -
bc/x/00/x_0001 0 2 Oslo NNP *) - - - Speaker#1 (LOC) * (1)

#end document
"""


@pytest.mark.parametrize("content", [CONLL_U, PLUS, MISC, GERMEVAL, ONTONOTES])
@pytest.mark.parametrize("name", ["a.conll", "a.iob2", "a.conllu", "a.tsv", "a.txt"])
def test_the_words_of_a_file_are_read_whatever_its_columns_and_its_name(tmp_path, content, name):
    assert read(tmp_path, name, content) == [("Ada saw Oslo", ADA)]


def test_lines_that_mark_a_document_are_no_tokens(tmp_path):
    content = "#begin document (bc/x/00/x_0001); part 000\nAda B-PER\nleft O\n\n#end document\n"

    assert read(tmp_path, "a.conll", content) == [("Ada left", [("Ada", "per")])]


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        ("ID LEMMA FORM NER", ["1 ada Ada B-PER", "2 see saw O", "3 oslo Oslo B-LOC"]),
        ("ID NER FORM", ["1 B-PER Ada", "2 O saw", "3 B-LOC Oslo"]),
        ("NER ID FORM", ["B-PER 1 Ada", "O 2 saw", "B-LOC 3 Oslo"]),
        ("FORM NER UPOS", ["Ada B-PER PROPN", "saw O VERB", "Oslo B-LOC PROPN"]),
        ("FORM NER", ["Ada B-PER", "saw O", "Oslo B-LOC"]),
        ("ID TOKEN NER", ["1 Ada B-PER", "2 saw O", "3 Oslo B-LOC"]),
    ],
)
def test_columns_are_those_that_are_named_in_whatever_order(tmp_path, names, rows):
    lines = [f"# global.columns = {names}", *(row.replace(" ", "\t") for row in rows)]

    assert read(tmp_path, "a.conllup", "\n".join(lines)) == [("Ada saw Oslo", ADA)]


@pytest.mark.parametrize(
    ("names", "why"),
    [("ID LEMMA NER", "names no FORM"), ("ID LEMMA NER FORM", "line 2: .* has 3 columns, of 4")],
)
def test_columns_without_a_word_are_refused(tmp_path, names, why):
    content = f"# global.columns = {names}\n1\tada\tB-PER\n2\tsee\tO\n"

    assert re.search(why, refusal(tmp_path, content))


def test_a_line_that_marks_a_document_ends_a_sentence(tmp_path):
    content = "Ada B-PER\nleft O\n-DOCSTART- O\nBo I-PER\n#end document\nCy I-PER\n"

    assert [text for text, _ in read(tmp_path, "a.conll", content)] == ["Ada left", "Bo", "Cy"]


def test_a_name_in_brackets_goes_over_several_words(tmp_path):
    rows = [("The", "(ORG*"), ("Bank", "*"), ("of", "*"), ("Oslo", "*)"), ("fell", "*")]
    content = "\n".join(
        f"d 0 {n} {word} X * - - - - {names} -" for n, (word, names) in enumerate(rows)
    )

    assert read(tmp_path, "a.conll", content) == [
        ("The Bank of Oslo fell", [("The Bank of Oslo", "org")])
    ]
    assert "line 4: " in refusal(tmp_path, content.replace("(ORG*", "*"))
    assert "has no end" in refusal(tmp_path, content.replace("*)", "*"))


def test_the_second_layer_of_germeval_is_nested_and_counted(tmp_path):
    content = "1\tBank\tB-ORG\tO\n2\tof\tI-ORG\tO\n3\tOslo\tI-ORG\tB-LOC\n"
    flat, kept = (loaded(tmp_path, "a.tsv", content, nested) for nested in ("flat", "keep"))

    assert (flat.nested, kept.nested) == (1, 1)
    assert [len(corpus.sentences[0].entities) for corpus in (flat, kept)] == [1, 2]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (CONLL_U.replace("B-PER", "X"), "line 3: .*numbered words, as in CoNLL-U, without a col"),
        (GERMEVAL.replace("2\tsaw", "3\tsaw"), "breaks the numbering"),
        (PLUS.replace("B-PER", "PER"), "line 3: .*'PER' is neither O nor"),
        (CONLL_U.replace("saw\tO", "saw"), "line 4: .* has 4 columns"),
        (MISC.replace("NER", "Gloss"), "line 1: .*without a column of tags"),
        (
            "# global.columns = ID FORM NER:COARSE NER:FINE\n1\tAda\tB-PER\tB-PER.x\n",
            "line 2: .*name tags in NER:COARSE and NER:FINE; name the right one NER",
        ),
    ],
)
def test_numbered_words_whose_tags_cannot_be_found_are_refused(tmp_path, content, why):
    assert re.search(why, refusal(tmp_path, content))
