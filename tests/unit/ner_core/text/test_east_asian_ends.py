"""Sentences of Japanese, Chinese, Korean and Khmer end at their stops, and not inside quotes."""

import pytest

from ner_core.text.sentences import split
from ner_core.types import Document


def sentences(text, language):
    found = split(Document("d", text, language=language), max_chars=600, overlap_chars=100)
    return [sentence.text for sentence in found]


@pytest.mark.parametrize(
    ("language", "right"),
    [
        ("ja", ["田中は「東京に行く。」と言った。", "彼は帰った。"]),
        ("ja", ["「行くぞ！」と田中は叫んだ。", "次の日。"]),
        ("ja", ["『君の名は。』は新海誠の映画だ。", "ヒットした。"]),
        ("ja", ["映画「君の名は。」が公開された。", "人気だ。"]),
        ("ja", ["「行くぞ！」", "田中は叫んだ。"]),
        ("ja", ["「はい。」", "ところが彼は帰った。"]),
        ("ja", ["「来た。」", "とはいえ遅い。"]),
        ("ja", ["株式会社ABC．は東京にある。", "ｖｅｒ．２が出た。"]),
        ("zh", ["小米Inc.发布了手机。", "很好。"]),
        ("ko", ['그는 "간다."라고 말했다.', "LG Inc.는 서울에 있다."]),
        ("km", ["លោក ហ៊ុន សែន ទៅភ្នំពេញ។", "គាត់ជួបលោក សុខ អាន។"]),
        ("km", ["គាត់និយាយថា «ខ្ញុំទៅសៀមរាប។»", "គាត់ទៅហើយ៕", "ចប់។"]),
        ("km", ["តម្លៃ ១.៥ លានដុល្លារ ។ល។", "ចប់។"]),
    ],
)
def test_quotes_and_stops_of_east_asia_end_sentences_where_they_do(language, right):
    between = " " if language == "ko" else ""

    assert sentences(between.join(right), language) == right
