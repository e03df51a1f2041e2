"""In Korean a name ends before particles, and before nothing else of a word."""

import unicodedata

import pytest

from ner_core.text.grounding import ground


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("김민수는 왔다", "김민수"),
        ("서울에서는 비가 왔다", "서울"),
        ("이영희에게서도 들었다", "이영희"),
        ("부산까지만 갔다", "부산"),
        ("김민수씨가 말했다", "김민수"),
        ("문재인대통령은 갔다", "문재인"),
        ("손흥민선수가 왔다", "손흥민"),
        ("박지성입니다", "박지성"),
        ("수도인 서울이라고 했다", "서울"),
        ("파리발 런던행", "런던"),
        ("한국은행과 삼성전자를", "삼성전자"),
        ("미국으로부터의 편지", "미국"),
        ("서울·부산에도", "부산"),
        ("서울에서2024년", "서울"),
        ("판문점서 만났다", "판문점"),
        ("손흥민이었지만 졌다", "손흥민"),
        ("김민재여서 좋다", "김민재"),
        ("토트넘전에서 이겼다", "토트넘"),
        ("한국팀은 졌다", "한국"),
        ("베트남산 커피", "베트남"),
        ("북한제 무기", "북한"),
        ("중국계 기업이", "중국"),
        ("김연아양은", "김연아"),
        ("이영희네에서", "이영희"),
        ("김건희여사가", "김건희"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_ends_before_particles(text, name, form):
    text, name = unicodedata.normalize(form, text), unicodedata.normalize(form, name)

    [span] = ground(name, text)
    assert text[span.start : span.end] == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("한국어를 배운다", "한국"),
        ("미국인이 왔다", "미국"),
        ("한국은행이 발표했다", "한국"),
        ("서울대학교에서", "서울대"),
        ("삼성전자가", "삼성"),
        ("김민수는", "김민"),
        ("북한은", "북"),
        ("동대문시장에서", "동대문"),
        ("부산에서 왔다", "부"),
        ("대전은 크다", "대"),
        ("세계 지도", "세"),
        ("국제 회의", "국"),
    ],
)
def test_a_name_does_not_end_inside_another_word(text, name):
    assert ground(name, text) == ()
