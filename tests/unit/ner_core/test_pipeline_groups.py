"""The groups of a tagged document, and their external keys."""

from support.pipelines import DOCUMENT, Fixed, pipeline

from ner_core.errors import ResolverError
from ner_core.testing import RuleEngine
from ner_core.types import Document


class Keys:
    """Knows one name, or nothing at all."""

    def __init__(self, *, answers=True):
        self.answers, self.asked = answers, []

    async def keys(self, groups):
        if not self.answers:
            raise ResolverError("no external keys: down")
        self.asked.append([group.name for group in groups])
        return ["k1" if group.name == "Ada Kern" else None for group in groups]


async def people(**more):
    """Return a pipeline that takes every capitalized run for a person."""
    return await pipeline(Fixed("a", kind="person"), verify="off", **more)


async def test_the_mentions_of_title_and_text_are_one_group():
    tagged = await (await people()).tag(DOCUMENT)

    first = tagged.groups[0]
    assert (first.name, first.type) == ("Ada Kern", "person")
    assert [tagged.entities[n].field for n in first.mentions] == ["title", "text"]
    mentions = sorted(n for group in tagged.groups for n in group.mentions)
    assert mentions == list(range(len(tagged.entities)))


async def test_markup_in_a_name_does_not_part_it():
    document = Document("x", "<p>Ada <b>Kern</b> left.</p><p>Then Ada&nbsp;Kern came.</p>")
    tagged = await (await people()).tag(document)

    assert [group.name for group in tagged.groups if "Kern" in group.name] == ["Ada Kern"]


async def test_without_a_resolver_there_are_no_keys():
    assert {g.key for g in (await (await people()).tag(DOCUMENT)).groups} == {None}


async def test_a_resolver_is_asked_once_for_the_names_of_a_document():
    tagging = await people()
    tagging.resolver = Keys()
    tagged = await tagging.with_ensemble(tagging.ensemble).tag(DOCUMENT)

    assert tagging.resolver.asked == [[group.name for group in tagged.groups]]
    assert {g.name: g.key for g in tagged.groups}["Ada Kern"] == "k1"


async def test_a_resolver_that_does_not_answer_never_stops_a_document():
    tagging = await people()
    tagging.resolver = Keys(answers=False)
    tagged = await tagging.tag(DOCUMENT)

    assert {group.key for group in tagged.groups} == {None}
    assert [(w.code, w.detail) for w in tagged.warnings] == [
        ("unresolved", "no external keys: down")
    ]


async def test_groups_change_no_fingerprint_and_no_question():
    with_keys, without = RuleEngine("a"), RuleEngine("a")
    first, second = await pipeline(with_keys), await pipeline(without)
    first.resolver = Keys()

    one, other = await first.tag(DOCUMENT), await second.tag(DOCUMENT)

    assert one.fingerprint == other.fingerprint
    assert with_keys.asked == without.asked
