"""Titles, ranks and degrees that end no sentence, and ordinals before the name of a league."""

import pytest

from ner_core.text.sentences import split
from ner_core.types import Document


def sentences(text, language):
    document = Document("d", text, language=language)
    return [sentence.text for sentence in split(document, max_chars=600, overlap_chars=100)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "In Sta. Cruz and Brgy. Malinis they met."),
        ("en", "Mohd. Ali, Addl. Secretary Roy, Hav. Singh and Alh. Musa met."),
        ("nl", "Daar waren mw. Smit en ds. Visser."),
        ("pl", "Wczoraj o. Tadeusz Rydzyk przyjechał."),
        ("hu", "Kis Anna, szül. Nagy Anna."),
        ("de", "Dr. rer. nat. Ana Kern und Dr. phil. Bo Falk."),
        ("de", "Dr. med. dent. Ana Kern, Dr. iur. Bo Falk und Dr. oec. Cy Roth."),
        ("de", "Dr. theol. Di Graf und Dr. rer. pol. Eve Voss."),
        ("de", "Die röm.-kath. Kirche und die ev.-luth. Kirche."),
        ("de", "Die Vizepräs. Kern, Stellv. Falk, Parl. Staatssekr. Roth und Hauptm. Graf."),
        ("de", "Die Freiw. Feuerwehr, Dipl.-Psych. Voss und Dipl.-Päd. Graf."),
        ("id", "Kemarin Irjen. Pol. Dedi, Kombes. Pol. Ade dan AKBP. Rudi datang."),
        ("id", "Kemarin Bripka. Joko, Aiptu. Budi dan Ust. Somad datang."),
        ("ms", "Semalam Ust. Azhar datang."),
        ("tl", "Dumating sina Kgg. Cruz, Gat. Rizal at Bgy. Malaya."),
        ("pt", "O dep. Silva, o gov. Costa, a pres. Dias e o arq. Niemeyer."),
        ("pt", "O cel. Silva, o sgto. Costa, o ten. Dias e o des. Lima."),
        ("es", "El dip. Ruiz, el cnel. Vega, el sgto. Gil y el tte. Sol."),
        ("es", "El pdte. Paz, la mtra. Luz, el gral. Gil y el lic. Sol."),
        ("fr", "Le cdt. Roy et l'adj. Dupont."),
        ("it", "L'amb. Rossi, l’amb. Verdi e il magg. Neri."),
        ("uk", "Вчора митр. Епіфаній, архієп. Ігор та єп. Павло прибули."),
        ("ru", "Вчера пом. Иванов и упр. Петров прибыли."),
        ("sv", "Igår kom tf. Berg."),
    ],
)
def test_a_title_ends_no_sentence(language, text):
    assert sentences(text, language) == [text]


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("en", "She found hay.", "Then Ada left."),
        ("nl", "Zij kwam mee.", "Daarna ging ze."),
        ("pl", "Zapytał o to.", "Potem wyszedł."),
        ("pl", "Kupiła ją Kern sp. z o. o.", "Potem wyszła."),
        ("hu", "Megszületett.", "Aztán elment."),
        ("de", "Sie erreichten den Pol.", "Danach gingen sie."),
        ("de", "Es spielte die Nat.", "Danach ging sie."),
        ("id", "Dia datang.", "Lalu pergi."),
        ("ms", "Dia datang.", "Lalu pergi."),
        ("tl", "Dumating siya.", "Umalis siya."),
        ("pt", "Ela quer ver.", "Depois saiu."),
        ("es", "Ella es la maestra.", "Luego salió."),
        ("fr", "Ils sont dans les prés.", "Puis ils partent."),
        ("fr", "Il franchit le cap.", "Puis il part."),
        ("it", "Ecco l'ambasciatore.", "Poi parte."),
        ("uk", "Прийшов митрополит.", "Потім пішов."),
        ("ru", "Пришёл помощник.", "Потом ушёл."),
        ("sv", "Hon kom.", "Sedan gick hon."),
        ("de", "1957 promovierte er zum Dr. phil.", "Er lehrte in Wien."),
        ("de", "So wurde er zum Dr. rer. nat.", "Danach lehrte er."),
    ],
)
def test_a_sentence_still_ends_behind_a_whole_word(language, first, second):
    assert sentences(f"{first} {second}", language) == [first, second]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "He left the 2. Bundesliga for good."),
        ("fr", "Il a quitté la 3. Bundesliga hier."),
        ("en", "The 1. Bundesliga and the 3. Liga began."),
        ("eu", "1936ko 1. Errepublika eta 2. Mundu Gerra."),
        ("cnr", "Došao je 3. Oktobra sv. Petar."),
        ("sh", "Došao je 3. Oktobra sv. Petar."),
        ("hbs", "Došao je 3. Oktobra sv. Petar."),
    ],
)
def test_an_ordinal_ends_no_sentence(language, text):
    assert sentences(text, language) == [text]


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("en", "She finished third of 3.", "The Bundesliga began."),
        ("de", "Sie landete auf Platz 3.", "Frauen jubelten."),
        ("eu", "Urtea 2024.", "Gero joan zen."),
        ("cnr", "Došao je Kern.", "Onda je otišao."),
    ],
)
def test_a_sentence_still_ends_where_no_ordinal_is(language, first, second):
    assert sentences(f"{first} {second}", language) == [first, second]
