"""Korean particles: what may follow a name inside a word."""

import unicodedata

import regex

_PARTICLES = """
은 는 이 가 을 를 의 에 서 에서 에게 에게서 께 께서 한테 한테서 와
과 랑 이랑 하고 로 으로 로서 으로서 로써 으로써 로부터 으로부터 부터 까지 도 만
마다 마저 조차 밖에 보다 처럼 같이 만큼 대로 뿐 나 이나 든 이든 든지 이든지
야 이야 아 여 이여 라 이라 라고 이라고 라는 이라는 라며 이라며 라도 이라도 라면
이라면 란 이란 며 이며 고 이고 지만 이지만 엔 에선 에겐 으론 론 커녕
"""
_COPULAS = """
인 인데 이다 다 였다 이었다 였던 이었던 였고 이었고 였지만 이었지만 여서 이어서 니까 이니까
입니다 니다 예요 이에요 이자 일 임
"""
"""Forms of *to be*; no particle follows them."""
_BOUND = """
씨 님 들 측 등 발 행 쪽 양 장군 여사 박사 의장 대통령 총리 장관 의원 회장
사장 대표 교수 감독 선수 위원장 총장 기자 검사
판사 변호사 목사 신부
"""
"""Titles and nouns that are written right after a name; particles may follow them."""
_AFTER_TWO = "군 네 팀 전 산 제 계"
"""Nouns that also end common words: they follow names of two syllables or more."""


def _any_of(words: str) -> str:
    return f"(?:{'|'.join(words.split())})"


_CHAIN = rf"{_any_of(_PARTICLES)}{{0,3}}{_any_of(_COPULAS)}?"
_ENDING = regex.compile(rf"{_any_of(_BOUND)}{{0,2}}{_CHAIN}")
_ENDING_AFTER_TWO = regex.compile(rf"{_any_of(f'{_BOUND} {_AFTER_TWO}')}{{0,2}}{_CHAIN}")
_TWO = regex.compile(r"(?r)\p{Hangul}{2}")
_REST = regex.compile(r"\p{Hangul}+")
_LONGEST = 24
"""Code points of a chain of particles, decomposed."""


def is_particle(text: str, at: int) -> bool:
    """Whether particles alone follow in a Korean word, such as those of ``서울에서는``."""
    rest = _REST.match(text, at)
    if rest is None or len(rest[0]) > _LONGEST:
        return False
    ending = _ENDING_AFTER_TWO if _TWO.match(text, pos=0, endpos=at) else _ENDING
    return bool(ending.fullmatch(unicodedata.normalize("NFC", rest[0])))
