"""Tags of Word, feeds and XHTML part what they part for readers; readings end as HTML ends them."""

import time

import pytest

from ner_core.text.markup import without_markup


def parts(text):
    return [part.strip() for part in without_markup(text).text.split("\n\n") if part.strip()]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<dc:creator>Ada Kern</dc:creator><dc:subject>Math</dc:subject>", ["Ada Kern", "Math"]),
        ("<media:title>Ada</media:title><media:credit>Bo</media:credit>", ["Ada", "Bo"]),
        ("<w:p><w:r><w:t>Ada</w:t></w:r></w:p><w:p><w:r><w:t>Bo</w:t></w:r></w:p>", ["Ada", "Bo"]),
        ("<W:P>Ada</W:P><W:P>Bo</W:P>", ["Ada", "Bo"]),
        ("<w:t>Ada</w:t><w:br/><w:t>Bo</w:t>", ["Ada", "Bo"]),
        ("<w:t>Ada</w:t><w:tab/><w:t>Bo</w:t>", ["Ada\tBo"]),
    ],
)
def test_elements_of_feeds_and_paragraphs_of_word_are_parted(text, shown):
    assert parts(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "<w:r><w:t>Mer</w:t></w:r><w:r><w:t>kel</w:t></w:r>",
        "Mer<o:p></o:p>kel",
        "<st1:City>Mer</st1:City>kel",
        "Mer<v:shape>kel</v:shape>",
    ],
)
def test_tags_of_word_inside_a_line_part_nothing(text):
    assert without_markup(text).text == "Merkel"


@pytest.mark.parametrize("tag", ["xhtml:script", "html:style", "svg:style", "SVG:script"])
def test_content_that_readers_do_not_see_is_left_out_in_a_namespace_too(tag):
    assert parts(f"Ada<{tag}>var Eve</{tag}>Bo") == ["Ada", "Bo"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<ruby>東京<rt>とうきょう</ruby>の首相<ruby>京<rt>きょう</rt></ruby>", "東京の首相京"),
        ("<ruby>東<rt>とう<rt>ひがし</ruby>京<rt>x</rt>", "東京"),
        ("<ruby>東<rp>(<rt>とう<rp>)</ruby>京<rp>x</rp>", "東京"),
        ("<ruby>東<RT>とう</RUBY>京<rt>x</rt>", "東京"),
        ("<ruby>東<rt>とう<rtc>ひがし</rtc></rt></ruby>京", "東京"),
    ],
)
def test_a_reading_without_an_end_tag_ends_with_the_next_one_or_the_word(text, shown):
    assert without_markup(text).text == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<ft-content type='x'>Ada Kern</ft-content> left", "Ada Kern  left"),
        ("Ada<amp-ad></amp-ad>Kern", "Ada  Kern"),
        ('So did<gu-atom id="7">Ada', "So did Ada"),
        ("<ft-content>Apple</ft-content>’s, <ft-content>Oslo</ft-content>.", "Apple’s,  Oslo."),
        ("<pull-quote><p>Ada</p></pull-quote>", "Ada"),
    ],
)
def test_elements_that_a_page_defines_itself_are_tags(text, shown):
    assert without_markup(text).text.strip() == shown


@pytest.mark.parametrize("text", ["<end-of-turn> Ada", "Ada </x-y>", "<Ada-Kern> wrote", "<a-b"])
def test_a_name_with_a_hyphen_alone_in_angle_brackets_is_text(text):
    assert without_markup(text) is None


def test_many_names_with_hyphens_are_read_in_time():
    began = time.process_time()

    without_markup("".join(f"<a-{n}>" for n in range(25_000)))

    assert time.process_time() - began < 5
