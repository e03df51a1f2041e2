"""Initials of two letters, and names of letters: none of them ends a sentence."""

import pytest

from ner_core.text.sentences import split
from ner_core.types import Document


def sentences(text, language):
    document = Document("d", text, language=language)
    return [sentence.text for sentence in split(document, max_chars=600, overlap_chars=100)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "Президент США Дж. Байден встретил Дж. Буша в Киеве."),
        ("ru", "Приехал Дж.Байден."),
        ("ru", "Книгу Дж. К. Роулинг издали."),
        ("ru", "Вл. Соловьёв, Ал. Блок и Чж. Цзэминь."),
        ("uk", "Президент США Дж. Байден зустрів Дж. Буша в Києві."),
        ("be", "Прэзідэнт ЗША Дж. Байдэн сустрэў Дж. Буша і Дз. Кузьміна."),
        ("kk", "АҚШ президенті Дж. Байден Киевке келді."),
        ("ky", "Президент Дж. Байден келди."),
        ("sr", "Председник Дж. Бајден је дошао."),
        ("mk", "Претседателот Дж. Бајден дојде."),
        (
            "el",
            "Ο Αλ. Τσίπρας, ο Κυρ. Μητσοτάκης, ο Ευ. Βενιζέλος, ο Χρ. Ράλλης, ο Κων. Κερν.",
        ),
        ("el", "Ο Κωνσταντ. Καραμανλής, ο Θεοδ. Ράλλης, ο Στ. Κερν και ο Σπ. Λάμπρου."),
        ("el", "Ο Μιχ. Ράλλης, ο Δημ. Κερν, ο Γεωρ. Παππάς, ο Ιωάν. Λάμπρου, ο Αθ. Διάκος."),
        ("el", "Ο Απ. Κερν, ο Ευάγγ. Ράλλης, ο Νικ. Παππάς και ο Βασ. Λάμπρου."),
        ("hr", "Došli su Lj. Česić, Nj. Petrović i Dž. Bajramović."),
        ("bs", "Došli su Lj. Česić, Nj. Petrović i Dž. Bajramović."),
        ("sr", "Došli su Lj. Česić, Nj. Petrović i Dž. Bajramović."),
        ("sl", "Prišli so Lj. Novak, Nj. Kos in Dž. Kern."),
        ("cs", "Přišli Ch. Novák, Vl. Kern a Fr. Kafka."),
        ("sk", "Prišli Ch. Novák, Vl. Kern, Dz. Dub a Dž. Malý."),
        ("hu", "Ott volt Gy. Kis, Ny. Nagy, Ty. Kun és Ly. Bíró."),
        ("ro", "Au venit Șt. Popescu și Şt. Ion."),
        ("fr", "Ét. Dupont lit Alph. Daudet."),
        ("nl", "Daar waren J. IJ. Smit en Joh. Vermeer."),
        ("de", "Das schrieb Joh. Seb. Bach."),
        ("uz", "Kecha Oʻ. Umarov, Gʻ. Karimov, Yu. Sobirov va Ya. Olimov keldi."),
        ("uz", "Kecha O‘. Umarov, O'. Olimov va G’. Karimov keldi."),
        ("en", "They met Yu. V. Andropov and V. Yu. Ivanov."),
    ],
)
def test_an_initial_of_two_letters_ends_no_sentence(language, text):
    assert sentences(text, language) == [text]


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("ru", "Приехал Байден.", "Потом он уехал."),
        ("uk", "Приїхав Байден.", "Потім він поїхав."),
        ("be", "Прыехаў Байдэн.", "Потым ён паехаў."),
        ("kk", "Байден келді.", "Содан кейін кетті."),
        ("ky", "Байден келди.", "Анан кетти."),
        ("sr", "Дошао је Бајден.", "Онда је отишао."),
        ("mk", "Дојде Бајден.", "Потоа замина."),
        ("el", "Ήρθε ο Ράλλης.", "Μετά έφυγε."),
        ("el", "Αυτό ήταν το απ.", "Μετά έφυγε."),
        ("hr", "Došao je Kern.", "Onda je otišao."),
        ("bs", "Došao je Kern.", "Onda je otišao."),
        ("sr", "Došao je Kern.", "Onda je otišao."),
        ("sl", "Prišel je Kern.", "Potem je odšel."),
        ("cs", "Přišel Novák.", "Pak odešel."),
        ("sk", "Prišiel Novák.", "Potom odišiel."),
        ("hu", "Ott volt Nagy.", "Aztán elment."),
        ("ro", "A venit Ion.", "Apoi a plecat."),
        ("fr", "C'était l'été.", "Puis Alex partit."),
        ("fr", "Voilà Alex.", "Puis il partit."),
        ("nl", "Zij woont aan het IJ.", "Daarna vertrok ze."),
        ("nl", "Zij voer op 't IJ.", "Daarna vertrok ze."),
        ("de", "Da kam Sebastian.", "Dann ging er."),
        ("uz", "Kecha Umarov keldi.", "Keyin u ketdi."),
        ("en", "They met Yu.", "Then Ada left."),
        ("en", "They met Miles Yu.", "Reporters came."),
        ("en", "Kanye West is now known as Ye.", "Adidas ended the deal."),
        ("en", "Police arrested Yu.", "Prosecutors charged him."),
        ("en", "Amsterdam lies on the IJ.", "Ferries cross it."),
        ("nl", "Het pont steekt over op het brede IJ.", "Amsterdam groeit."),
        ("de", "Das Tor erzielte Yu.", "Danach fiel das zweite."),
        ("es", "Ya.", "Mañana vamos."),
        ("en", "They met Mr. Yu.", "Reporters came."),
        ("en", "It is good, said Yu.", "Reporters came."),
        ("en", "It was ‘O’.", "Reporters came."),
    ],
)
def test_a_sentence_still_ends_behind_a_whole_name(language, first, second):
    assert sentences(f"{first} {second}", language) == [first, second]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ta", "முதல்வர் மு.க.ஸ்டாலின் வந்தார்."),
        ("ta", "முதல்வர் மு. க. ஸ்டாலின் வந்தார்."),
        ("ta", "அங்கு தி.மு.க. தலைவர் வந்தார்."),
        ("ta", "அங்கு அ.தி.மு.க. தலைவர் வந்தார்."),
        ("ta", "எச். ராஜா வந்தார்."),
        ("ta", "யு. வாசுகி, கு. காமராஜ் மற்றும் வே. பிரபாகரன் வந்தார்."),
        ("hi", "वी. पी. सिंह, डब्ल्यू. बुश और झेड. खान आए।"),
        ("hi", "स्व. इंदिरा गांधी आईं।"),
        ("mr", "व्ही. पी. सिंग, डब्ल्यू. बुश आणि झेड. खान आले."),
        ("mr", "वी. पी. सिंग आणि स्व. इंदिरा गांधी आल्या."),
        ("ne", "के.पी. शर्मा ओली आए।"),
        ("ne", "के. पी. शर्मा ओली र बी. पी. कोइराला आए।"),
        ("ne", "स्व. इन्दिरा गान्धी आए।"),
        ("pa", "ਐੱਚ. ਐੱਸ. ਫੂਲਕਾ ਅਤੇ ਐੱਮ. ਐੱਸ. ਗਿੱਲ ਆਏ।"),
        ("pa", "ਐੱਲ. ਕੇ. ਅਡਵਾਨੀ ਅਤੇ ਐੱਨ.ਐੱਸ. ਗਿੱਲ ਆਏ।"),
        ("kn", "ಎಚ್. ಡಿ. ಕುಮಾರಸ್ವಾಮಿ ಬಂದರು."),
        ("kn", "ಇ. ಕೆ. ರಾವ್ ಮತ್ತು ಯು. ಟಿ. ಖಾದರ್ ಬಂದರು."),
        ("te", "ఇ. వి. రావు, ఒ. పి. రావు మరియు యు. వి. రావు వచ్చారు."),
        ("bn", "ই. রহমান ও এ. পি. জে. আবদুল কালাম এলেন।"),
        ("ml", "ഇ. കെ. നായനാർ വന്നു."),
        ("gu", "યુ. એન. પટેલ અને સ્વ. ઇન્દિરા ગાંધી આવ્યા."),
        ("ka", "გუშინ მ. სააკაშვილი და ბ. ივანიშვილი მოვიდნენ."),
        ("ur", "ایم اے. جناح آئے۔"),
    ],
)
def test_the_name_of_a_letter_ends_no_sentence(language, text):
    assert sentences(text, language) == [text]


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("ta", "முதல்வர் வந்தார்.", "பின்னர் சென்றார்."),
        ("hi", "वह आया।", "फिर गया।"),
        ("hi", "वह आया.", "फिर गया."),
        ("mr", "तो आला.", "मग तो गेला."),
        ("ne", "उनी आए.", "त्यसपछि गए."),
        ("pa", "ਉਹ ਆਇਆ।", "ਫਿਰ ਗਿਆ।"),
        ("kn", "ಅವರು ಬಂದರು.", "ನಂತರ ಹೋದರು."),
        ("te", "ఆయన వచ్చారు.", "తర్వాత వెళ్లారు."),
        ("bn", "তিনি এলেন।", "তারপর গেলেন।"),
        ("ml", "അദ്ദേഹം വന്നു.", "പിന്നെ പോയി."),
        ("gu", "તે આવ્યા.", "પછી ગયા."),
        ("ka", "ის მოვიდა.", "მერე წავიდა."),
        ("ka", "დაიბადა 1950 წ.", "მისი მამა ექიმი იყო."),
        ("ur", "یہ خبر ہے بی بی سی۔", "لاہور سے۔"),
        ("ur", "یہ کس کے۔", "وہ گیا۔"),
        ("ur", "اس نے چائے پی۔", "پھر وہ آئی۔"),
        ("ur", "وہ آئی۔", "پھر گئی۔"),
    ],
)
def test_a_word_as_short_still_ends_one(language, first, second):
    assert sentences(f"{first} {second}", language) == [first, second]
