"""One name is one group, however it is written; two names are never one by guesswork."""

import itertools
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_core.groups.naming import Bearers, Named, alike, bracketed
from ner_core.types import Span

TYPES = ("person", "organization", "location", "none")
PIECES = ["Ada", "ADA", "Kern", "kern", "Bo", "World", "Health", "Organization", "WHO", "W.H.O."]
PIECES += [
    "Inc.",
    "GmbH",
    "the",
    "'s",
    "(WHO)",
    "(",
    ")",
    "-",
    "é",
    "\u0301",
    "İ",
    "北京",
    "<b>",
    ".",
]


def grouped(kind, *surfaces, pairs=()):
    places = alike([Named(surface, kind) for surface in surfaces], pairs)
    return {tuple(surfaces[place] for place in group) for group in places}


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("person", "Ada Kern", "ADA  KERN"),
        ("person", "Ada\nKern", "Ada <b>Kern</b>"),
        ("person", "Ada Kern", "Kern"),
        ("person", "Vincent van Gogh", "van Gogh"),
        ("person", "George W. Bush", "George Bush"),
        ("person", "Ada Kern's", "Kern’s"),
        ("person", "Richard K. Guy", "Richard Kenneth Guy"),
        ("organization", "Kurdish-led Syrian Democratic Forces (SDF)", "SDF"),
        ("organization", "Norway's Institute of Disease Research (IDR)", "IDR"),
        ("politician", "Ada Kern", "Kern"),
        ("person-artist", "Ada Kern", "Kern"),
        ("organization", "Evergreen Solar, Inc.", "Evergreen Solar"),
        ("organization", "Havglimt GmbH & Co. KG", "HAVGLIMT"),
        ("organization", "the World Health Organization", "World Health Organization"),
        ("organization", "World Health Organization", "WHO"),
        ("organization", "World Health Organization", "W.H.O."),
        ("organization", "World Health Organization (WHO)", "WHO"),
        ("location", "United States", "U.S."),
        ("location", "Varna", "VARNA"),
        ("person", "JK Rowling", "J.K. Rowling"),
        ("person", "JRR Tolkien", "J. R. R. Tolkien"),
        ("person", "J.K. Rowling", "Rowling"),
        ("person", "A.J. Brown", "AJ Brown"),
        ("person", "Mr. Kern", "Mr Kern"),
        ("person", "Martin Luther King, Jr.", "Martin Luther King Jr"),
        ("person", "Kim Jong Un", "Kim Jong-un"),
        ("person", "Jean-Luc Picard", "Jean Luc Picard"),
        ("location", "U.S.'s", "the U. S."),
        ("location", "Washington, D.C.", "Washington DC"),
        ("location", "St. Louis", "St Louis"),
        ("organization", "U.S. Senate", "US Senate"),
        ("group", "U.N. Security Council", "UN Security Council"),
        ("organization", "AT&T", "AT & T"),
        ("organization", 'Toys "R" Us', "Toys R Us"),
        ("organization", "Evergreen Solar, L.L.C.", "Evergreen Solar LLC"),
        ("product", "GPT-4", "GPT 4"),
        ("organization", "Havglimt Kft.", "Havglimt"),
        ("organization", "Havglimt s.r.o.", "Havglimt d.o.o."),
        ("organization", "US Supreme Court", "United States Supreme Court"),
        ("law", "the U.S. Constitution", "United States Constitution"),
        ("organization", "U. K. Parliament", "United Kingdom Parliament"),
        ("organization", "Bank of the US", "Bank of the United States"),
        ("organization", "United States Central Intelligence Agency", "CIA"),
        ("organization", "US Commission on Presidential Debates", "CPD"),
        ("organization", "Pacific Gas and Electric", "PG&E"),
        ("organization", "Johnson & Johnson", "J&J"),
        ("organization", "TOYS R US", "Toys R Us"),
        ("organization", "US SENATE", "United States Senate"),
        ("organization", "Pacific Gas and Electric (PG&E)", "PG&E"),
        ("organization", "Polish United Workers ' Party", "PUWP"),
        ("person", "US President Trump", "President Donald Trump"),
        ("person", "UN Secretary-General António Guterres", "António Guterres"),
        ("person", "Prime Minister John Major", "Major"),
        ("person", "King Felipe", "Felipe"),
        ("person", "Sacha Baron Cohen", "Cohen"),
        ("person", "Emeritus Professor Ada Kern", "Professor Kern"),
        ("person", 'Edward Lodewijk "Eddie" Van Halen', "Eddie Van Halen"),
        ("person", "Edward Lodewijk ‘Eddie’ Van Halen", "Eddie Van Halen"),
        ("person", "Secretary of State Mike Pompeo", "Mike Pompeo"),
    ],
)
def test_two_forms_of_one_name_are_one_group(kind, one, other):
    assert len(grouped(kind, one, other)) == 1


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("person", "Ada Kern", "Ada"),
        ("person", "the King of Athens", "Athens"),
        ("person", "Emperor of these United States", "United States"),
        ("person", "Ada Kern", "Bo Kern"),
        ("organization", "Henrik Madsen", "H&M"),
        ("organization", "Royal Bank", "R&B"),
        ("location", "New York", "York"),
        ("location", "Sweden", "SE"),
        ("organization", "Bank of England", "England"),
        ("organization", "United Nations Security Council", "United Nations"),
        ("location", "Varna Ltd", "Varna"),
        ("organization", "World Health Organization", "WTO"),
        ("person", "JK Rowling", "Joanne Rowling"),
        ("person", "Al Kern", "Anna Lena Kern"),
        ("person", "Ada Kern-Smith", "Smith"),
        ("person", "Ada Kern Jr.", "Ada Kern"),
        ("product", "GPT-3.5", "GPT-35"),
        ("organization", "Amazon.co", "Amazon"),
        ("location", "USA", "United States"),
        ("organization", "United States Supreme Court", "SC"),
        ("work", "Between us both", "Between United States both"),
        ("person", "Sacha Baron Cohen", "Baron Smith Cohen"),
        ("person", "John Major", "Major John"),
        ("person", "Captain Kern", "Miss Kern"),
        ("person", "King John", "Sir John"),
        ("person", "Mayor Kern", "Judge Kern"),
        ("person", "Queen II", "Brian II"),
        ("person", "President of South Korea", "Korea"),
        ("person", "Ada Kern of Oslo", "Oslo"),
        ("organization", "Bank of the United States Holding Group", "BHG"),
        ("person", "King Charles", "Ray Charles"),
        ("person", "Prince Harry", "Debbie Harry"),
        ("person", "Pope Francis", "Connie Francis"),
        ("person", "Sultan Kern", "Ada Kern"),
    ],
)
def test_names_that_only_look_alike_are_two_groups(kind, one, other):
    assert len(grouped(kind, one, other)) == 2


def test_a_last_name_that_two_persons_have_is_a_group_of_its_own():
    assert grouped("person", "Ada Kern", "Bo Kern", "Kern") == {
        ("Ada Kern",), ("Bo Kern",), ("Kern",),
    }  # fmt: skip


def test_a_last_name_is_clear_if_all_longer_names_are_one_person():
    assert len(grouped("person", "Ada Maria Kern", "Ada Kern", "Maria Kern", "Kern")) == 1


def test_a_last_name_is_clear_if_the_longer_names_differ_in_titles_alone():
    assert len(grouped("person", "US President Trump", "Donald Trump", "Trump")) == 1
    assert len(grouped("person", "Martin Luther King Jr.", "King")) == 2
    assert len(grouped("person", "Stephen King", "King")) == 1


def test_an_acronym_that_two_names_have_is_a_group_of_its_own():
    names = ("World Health Organization", "World Heritage Office", "WHO")

    assert len(grouped("organization", *names)) == 3


def test_an_acronym_in_brackets_needs_its_letters_in_order_alone():
    assert len(grouped("organization", "Kosovo Force", "KFOR", pairs=[(0, 1)])) == 1
    assert len(grouped("organization", "Kosovo Force", "KFOR")) == 2
    assert len(grouped("organization", "KFOR", "Kosovo Force", pairs=[(0, 1)])) == 1
    assert len(grouped("location", "Seattle", "USA", pairs=[(0, 1)])) == 2


def test_the_capitals_of_half_a_name_are_not_its_acronym():
    assert grouped("location", "United States", "western United States", "U.S.") == {
        ("United States", "U.S."), ("western United States",),
    }  # fmt: skip
    election = Named("2020 United States presidential election", "event")
    assert alike([Named("US", "location"), election]) == [[0], [1]]
    assert len(grouped("organization", "Organización Mundial de la Salud", "OMS")) == 1


def test_brackets_are_found_by_what_is_between_the_mentions():
    text = "The Kosovo Force (KFOR) left; Bo (Oslo and Ada) stayed."
    spans = {n: Span(text.index(s), text.index(s) + len(s)) for n, s in enumerate(
        ["KFOR", "Kosovo Force", "Bo", "Oslo", "Ada"]
    )}  # fmt: skip

    assert list(bracketed(text, spans)) == [(1, 0)]


def test_a_place_is_no_part_of_a_person_who_has_a_title_from_it():
    emperor = Named("Emperor of the Holy Roman Empire", "person")

    assert alike([emperor, Named("Roman Empire", "location")]) == [[0], [1]]


def test_a_short_name_of_no_stated_type_belongs_to_the_person_who_ends_in_it():
    mentions = [Named("Ada Kern", "person"), Named("Kern", "none"), Named("Oslo", "location")]

    assert sorted(alike(mentions)) == [[0, 1], [2]]


@pytest.mark.parametrize(
    ("surface", "kind"),
    [
        ("President Ada Kern", "person"),
        ("US Army veteran Ada Kern", "person"),
        ("Acme Ltd", "organization"),
    ],
)
def test_one_surface_is_one_name_whatever_its_types(surface, kind):
    assert alike([Named(surface, kind), Named(surface, "none")]) == [[0, 1]]


named = st.builds(
    Named,
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map(" ".join) | st.text(min_size=1),
    st.sampled_from(TYPES),
)


@given(st.lists(named, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_every_mention_is_in_one_group_and_their_order_does_not_matter(mentions, random):
    groups = alike(mentions)
    order = list(range(len(mentions)))
    random.shuffle(order)
    again = alike([mentions[place] for place in order])

    assert sorted(place for group in groups for place in group) == list(range(len(mentions)))
    assert {frozenset(order[p] for p in group) for group in again} == set(map(frozenset, groups))


def test_a_last_name_is_clear_if_the_longer_names_have_initials_of_each_other():
    assert len(grouped("person", "Richard K. Guy", "Richard Kenneth Guy", "Guy")) == 1


def test_another_initial_is_another_person():
    assert len(grouped("person", "Richard B. Guy", "Richard Kenneth Guy")) == 2


def test_the_bearers_of_a_last_name_are_the_persons_whose_longer_names_end_in_it():
    persons = ["Ada Kern", "Bo Kern", "Kern Bo", "King of Kern"]
    mentions = [Named(surface, "person") for surface in persons]
    mentions += [Named("Kern", "location"), Named("Kern", "person"), Named("Bank Kern", "group")]

    assert Bearers(mentions).of([4, 5]) == [0, 1]
    assert Bearers(mentions).of([0]) == []


def cpu_seconds(number, form="{} Kern"):
    letters = itertools.product(
        string.ascii_uppercase, string.ascii_lowercase, string.ascii_lowercase
    )
    names = [form.format("".join(name)) for name in itertools.islice(letters, number)]
    mentions = [Named(name, "person") for name in [*names, "Kern"]]
    began = time.process_time()
    assert len(alike(mentions)) == number + 1
    assert len(Bearers(mentions).of([number])) == number
    return time.process_time() - began


@pytest.mark.timed
@pytest.mark.parametrize("form", ["{} Kern", "Ada {} Kern"])
def test_the_time_of_a_list_of_relatives_grows_with_its_length_and_not_its_square(form):
    short_s = cpu_seconds(250, form)

    assert cpu_seconds(4_000, form) < 64 * short_s + 0.3  # squared, it is 256 times
