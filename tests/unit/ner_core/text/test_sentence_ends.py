"""Periods that end no sentence, by language."""

import re

import pytest

from ner_core.text.sentences import split
from ner_core.types import Document


def sentences(text, language=None, names=None):
    document = Document("d", text, language=language)
    found = split(document, max_chars=600, overlap_chars=100, names=names)
    return [sentence.text for sentence in found]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Der 1. FC Köln verlor gegen den 1. FSV Mainz 05."),
        ("de", "Ludwig XIV. und Kaiser Wilhelm II. Prinz von Preußen kamen."),
        ("de", "Das 2. Deutsche Fernsehen zeigte das 25. Jubiläum."),
        ("de-AT", "Der 1. Wiener Bezirk."),
        ("de", 'Der\u202f1.\u202fFC Köln und »1. FC Union« und "1. FC Saarbrücken".'),
        ("da", "Den 1. Maj kom Hr. Hansen."),
        ("cs", "Dne 3. Října přišel Karel IV. Lucemburský."),
        ("tr", "Sultan 3. Selim geldi."),
        ("fi", "Se oli 2. Maailmansota."),
        ("en", "1. FC Köln beat 1. FC Union in Berlin."),
        ("en", "1. Ada Kern left."),
        ("en", "The 1. CfR Pforzheim, 1. HFK Olomouc and 1. MFK Senica lost."),
        ("de", "Die 101. Luftlandedivision feierte ihren 100. Geburtstag und die 150. Folge."),
        ("hrv", "Dana 3. Listopada je došao."),
        ("slv", "Dne 25. Junija 1991."),
        ("nno", "Den 17. Mai kom han."),
        ("isl", "Þann 17. Júní 1944."),
        ("hu", "A forradalom 1956. október 23. napján kezdődött."),
    ],
)
def test_an_ordinal_ends_no_sentence(language, text):
    assert sentences(text, language) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Sie schlugen Mainz 05. Danach kam Köln.",
        "Er wurde 1990. Dann ging er.",
        "Sie landete auf Platz 3. Danach kam Köln.",
        "Es stand 3:1. Danach kam Köln.",
        "Es waren 2,5. Danach kam Köln.",
    ],
)
def test_any_other_number_may_end_one(text):
    assert len(sentences(text, "de")) == 2


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Troops left Ft. Bragg with Amb. Di Fox and Brig. Gen. Lee."),
        ("en", "Th. Mann and Chr. Meyer met Wm. Blake, Geo. Bush and Jos. Bank."),
        ("en", "Sgt. Bo, Cpl. Ada, Pvt. Cy, Cmdr. Di, Rep. Eve, Supt. Flo and Msgr. Gus left."),
        ("en", "She is of the .NET Foundation, he of (.ORG Limited)."),
        ("en", "They wrote to Jl. Merdeka and Mt. Kenya and St. Pauli."),
        ("de", "Die Abg. Kern, Frl. Falk, Präs. Brandt, Joh. Bach und Dipl.-Ing. Bauer kamen."),
        ("fr", "Mme. Le Pen, Mgr. Dupond et Gal. Leclerc, Me. Badinter et Mlle. Roy."),
        ("es", "La Sra. López, el Gral. Franco, el Lic. Díaz y la Dña. Ana."),
        ("it", "Il Sig. Rossi, l'Avv. Bianchi e l'On. Meloni."),
        ("nl", "Mw. De Vries, Dhr. Jansen en Jhr. Six."),
        ("pl", "Św. Jan, gen. Anders, ks. Popiełuszko i płk. Kukliński."),
        ("cs", "MUDr. Novák a Mgr. Malá a gen. Svoboda."),
        ("ru", "В г. Москва на ул. Ленина жил проф. Иванов."),
        ("en", "Abp. Tutu, Card. Zen, Sec. Blinken, Vol. II and Fred. Engels."),
        ("it", "S. Pietro e SS. Trinità."),
        ("nl", "Z.K.H. Prins Bernhard en o.a. Ada."),
        ("sv", "Bl.a. Ada, t.ex. Bo och dvs. Cy."),
        ("en", "Use ASP.NET Core, VB.NET Forms and ADO.NET Data."),
        ("en", "They shop at Overstock.COM Outlet, Wired.IO Labs and Toys.R.Us Stores."),
        ("en", "Pte. Ada, Cdre. Bo, Ofc. Cy, Tech. Sgt. Di, Const. Eve and Archbp. Flo left."),
        ("pl", "Przyszła dr. Anna Nowak."),
        ("cs", "Přišel npor. Novák a kap. Malý na tř. Svobody."),
        ("ar", "قال د. أحمد زويل ذلك."),
        ("fr", "Le Gén. Leclerc, le Cap. Roy, le Prés. Macron et les Éts. Dupont."),
        ("fr", "L’Adj. Martin vit sur l'Av. Foch chez d’A. Dupont."),
        ("es", "El Cmdte. Ruiz, el Alm. Vega, la Profa. Díaz y Fco. Franco."),
        ("it", "L’On. Meloni e dell’Avv. Bianchi."),
        ("de", "Die Fa. Siemens, Uffz. Kern, Oberstlt. Falk und Wwe. Bolte."),
        ("fi", "Hän luki Joh. Snellmania."),
        ("tr", "Prof. Dr. Ali ve Av. Can ve Doç. Ece."),
        ("vi", "TP. Hồ Chí Minh, PGS. Lê và ThS. Trần."),
        ("ms", "Tn. Hj. Ahmad dan Pn. Siti dari Kg. Baru."),
        ("pl", "Podkom. Nowak, st. sierż. Kot i woj. Mazowieckie, pow. Nowy, wyd. Znak, p. Lis."),
        ("cs", "Např. Brno, tzv. Praha, předs. Vlády a prap. Dub."),
        ("sk", "Napr. Žilina a resp. Nitra."),
        ("hr", "Npr. Zagreb, tzv. Istra i msgr. Bozanić."),
        ("sr", "Проф. Петровић и др. Јовић из ул. Кнеза."),
        ("uk", "У смт. Буча жив проф. Шевченко."),
        ("ru", "Гор. Москва, наб. Мойки, зам. Петров и изд. Наука."),
        ("be", "Праф. Іваноў з вул. Леніна."),
        ("mk", "Проф. Иванов од ул. Македонија."),
        ("ro", "Dl. Popescu, dna. Ion și com. Brad, jud. Cluj."),
        ("hu", "Alez. Kis, hdgy. Kun, szds. Bíró és vm. Zala."),
        ("tr", "Müh. Ali, Uzm. Dr. Su, A.Ş. Sabancı ve bkz. İzmir."),
        ("nl", "Mevr. Smit, burg. Halsema, kard. Eijk en incl. Philips."),
        ("sv", "Volvo m.fl. Saab, resp. Scania, kapt. Lind."),
        ("nb", "Kapt. Berg, jf. Lov, tidl. Minister, hhv. Bergen."),
        ("af", "Mnr. Malan, mev. Smit, genl. Smuts en kapt. Roux."),
        ("es", "Brig. Gil, Insp. Sol, Pte. Ruiz, Vda. Paz y Cía. Minera."),
        ("pt", "Pça. Mauá, Cia. Vale, Gal. Mourão e Profª. Ana."),
        ("it", "L'on. Rossi, il Proc. Falcone e il Cons. Neri."),
        ("de", "LH. Mikl, LAbg. Korn, vorm. Krupp, inkl. Saar und Past. Gauck."),
        ("hi", "डॉ. सिंह और प्रो. वर्मा।"),
        ("mr-IN", "डॉ. आंबेडकर आणि सौ. पाटील आले."),
        ("bn", "ড. ইউনূস ও মো. করিম।"),
        ("ta", "திரு. ஸ்டாலின் வந்தார்."),
        ("te", "డా. రెడ్డి వచ్చారు."),
        ("gu", "ડૉ. પટેલ આવ્યા."),
        ("kn", "ಡಾ. ರಾವ್ ಬಂದರು."),
        ("pa", "ਡਾ. ਸਿੰਘ ਆਏ।"),
        ("th", "พล.อ. ประยุทธ์ และ ดร. สมชาย"),
        ("he", "מר. כהן בא."),
        ("fa", "دکتر. احمدی آمد."),
        ("ka", "პროფ. ბერიძე მოვიდა."),
        ("ga", "An tUas. Ó Briain."),
        ("sq", "Znj. Berisha dhe inxh. Basha."),
        ("id", "Di Jl. Merdeka, Bpk. Joko, Letjen. Suharto dan Ir. Soekarno."),
        (
            "en",
            "Elem. School met Mon. Sept. 5, Thurs. May 3 and Mmes. Fox of the 5th Regt. Band.",
        ),
        ("de", "Die St.-Georg-Str. Köln, Vize-Präs. Kern, OGefr. Falk und Dr. h. c. mult. Merkel."),
        ("fr", "Le Mal. Pétain, la Sén. Roy et l'Hôp. Cochin le 3 oct. Jeudi."),
        ("es", "Mª. Ángeles, Dª. Ana, Emb. Gil y Fdez. Ruiz de la Ctra. Real."),
        ("it", "In P.zza Navona e dai F.lli Bandiera col Sott. Rossi e l’Amm. Verdi."),
        ("pt", "Dª. Ana, o Card. Dom Odilo e a Estr. Velha em 3 jan. Quinta."),
        ("ru", "Приехал А.Б.Иванов и Л.Н.Толстой."),
        ("bg", "Дойде А.Б.Иванов."),
        ("en", "Nott. Forest, Sheff. Wednesday, Atl. Madrid and Din. Zagreb won."),
        ("de", "Bor. Dortmund, Eintr. Frankfurt, Spvgg. Fürth und Dyn. Dresden gewannen."),
        ("es", "At. Madrid, Atl. Nacional e Ind. Medellín ganaron."),
        ("pl", "Gen. bryg. Kot, kmdr. Lis, chor. Dub, kpr. Wilk, insp. Sowa i adw. Nowak."),
        (
            "ru",
            "Лейт. Иванов, подп. Петров, адм. Ушаков, митр. Кирилл и нач. Сидоров на бул. Гоголя.",
        ),
        ("tr", "Arş. Gör. Ali, Tuğg. Can, Astsb. Demir ve Müd. Kaya, Barış Bulv. Ankara."),
        (
            "el",
            "Ο Στρ. Παππάς, ο Καθηγ. Ράλλης, ο Μητρ. Πειραιώς και ο π. Γεώργιος στις 3 Ιαν. Τρίτη.",
        ),
        ("cs", "Ppor. Novák a rtm. Malý, mj. Kern."),
        ("nl", "D.w.z. Ada, i.p.v. Bo en m.a.w. Cy."),
        ("ru", "Это т. е. Москва."),
        ("sv", "Det är t. ex. Bo."),
        ("en", "See Eq. 4 and Eqs. 5."),
        ("en", "At 6 a.m. GMT, 5 p.m. UTC and 7 P.M. CET it began."),
        ("cs", "Přišel Kern, Ph.D. a Falk, Th.D. z Brna."),
        ("ar", "في ص. ب. محمد علي."),
        ("th", "พล.ต.อ. สุรเชษฐ์ กับบริษัท ปตท. จำกัด และ กทม. กล่าว"),
        ("lo", "ທ່ານ ດຣ. ບຸນຍັງ ມາ"),
        ("es", "Los JJ. OO. de París y el oro."),
        ("ru", "Мы были на оз. Байкал летом."),
        ("sv", "Kungl. Tekniska högskolan öppnar kl. 9 i dag."),
        ("vi", "PGS.TS. Nguyễn và GS.TS. Trần."),
    ],
)
def test_an_abbreviation_before_a_name_ends_no_sentence(language, text):
    assert sentences(text, language) == [text]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Hmm. Then he left."),
        ("en", "It was no small feat. The team went home."),
        ("en", "Oh. Then he left."),
        ("en", "It was I. Then he left."),
        ("en", "Should you go? - Ada Kern"),
        ("en", "They met in Ceylon .Knox left."),
        ("en", "He met Ada.Then Bo left."),
        ("en", "He uses .NET. Then he left."),
        ("en", "It ended.He left."),
        ("en", "It ended.I left."),
        ("en", "They went to the U.S.Then they left."),
        ("en", "He learned ASP.Then he left."),
        ("hu", "Ez 1956. Október volt."),
        ("hr", "Bio je na Krk. Onda je otišao."),
        ("de", "Sie kam aus Köln. Danach ging sie."),
        ("de", "Er sah die Lok. Danach ging er."),
        ("fa", "او ساعت ۵. سپس رفت."),
    ],
)
def test_a_sentence_still_ends_where_it_ends(language, text):
    assert len(sentences(text, language)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "They went with Panic! at the Disco.",
        "Wham! singer George Michael died.",
        "On Friday Kerrang! announced it.",
        "Baker's last was Why? solo.",
        "Yahoo! JAPAN and Yahoo! Finance are sites.",
        "They saw Panic! At The Disco and Godspeed You! Black Emperor.",
        "KFC is of Yum! Brands, as is E! News of NBC.",
        "She sued Vidalia! Inc. on Friday and Bongo? GmbH on Monday.",
        "He reads Hello! Magazine.",
        "They saw Tora! Tora! Tora! in Viva Maria! (1965) and Oliver! (1968).",
    ],
)
def test_a_mark_that_is_part_of_a_name_ends_no_sentence(text):
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Who won? we did.",
        "who won? Twins? we did.",
        "Who? Ada did.",
        "So GREAT WAVE! News came.",
        "Go Lakers! The crowd sang.",
        "Is it Paris? London is larger.",
        "Was it in Paris? (London is larger.)",
    ],
)
def test_any_other_question_ends_one(text):
    assert len(sentences(text)) > 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ko", "2024. 3. 5. 서울에서 열린다."),
        ("hu", "A 2024. 3. 5. ülés."),
        ("pt", "SÃO PAULO, 3 mar. (Reuters) - Ada Kern ganhou."),
        ("tr", "ANKARA, 3 Oca. (AA) – Ada Kern kazandı."),
    ],
)
def test_no_sentence_ends_in_a_date_or_dateline(language, text):
    assert sentences(text, language) == [text]


def test_no_sentence_ends_inside_a_known_name():
    text = "She saw Boeing! Masters. He left."

    assert sentences(text) == ["She saw Boeing!", "Masters.", "He left."]
    assert sentences(text, names=re.compile("Boeing! Masters")) == [text[:24], "He left."]
