"""Korean particles: what may follow a name inside a word."""

import unicodedata

import regex

_PARTICLES = """
은 는 이 가 을 를 의 에 서 에서 에게 에게서 께 께서 한테 한테서 와
과 랑 이랑 하고 로 으로 로서 으로서 로써 으로써 로부터 으로부터 부터 까지 도 만
마다 마저 조차 밖에 보다 처럼 같이 만큼 대로 뿐 나 이나 든 이든 든지 이든지
야 이야 아 여 이여 라 이라 라고 이라고 라는 이라는 라며 이라며 라도 이라도 라면
이라면 란 이란 며 이며 고 이고 지만 이지만 엔 에선 에겐 으론 론 커녕
야말로 이야말로 한텐 께선 부턴 까진 보단
"""
_COPULAS = """
인데 인데도 이다 다 여서 이어서 니까 이니까 입니다 입니다만 입니까 니다 예요 이에요 이자 이죠 일
이므로 이라는데 이라던 이라니 이라더니 이라거나
"""
"""Forms of *to be*; no particle follows them."""
_AFTER_PAST = """
다 다고 다는 다며 다면 다니 던 고 지만 습니다 습니까 어요 으며 으나 으니 을 을까 는데
기 기에 기도 음을 음이 음에도
"""
"""Endings of its past."""
_BOUND = """
씨 님 들 측 등 발 행 쪽 양 장군 여사 박사 의장 대통령 총리 장관 의원 회장
사장 대표 교수 감독 선수 위원장 총장 기자 검사
판사 변호사 목사 신부
"""
"""Titles and nouns that are written right after a name; particles may follow them."""
_BOUND_AFTER_TWO = "군 네 팀 전 산 제 계 정부 행정부 정권"
_LAST_AFTER_TWO = "더러 인지 인가 일까 이기 이기도 이기에 임 임을 임이 임은 임에도"
"""What also ends common words and names: it follows names of two syllables or more."""


def _any_of(words: str) -> str:
    return f"(?:{'|'.join(words.split())})"


_TWO = "(?<=[가-힣]{2})"
_OPEN = f"(?<=[가-힣][{''.join(map(chr, range(0xAC00, 0xD7A4, 28)))}])"
"""Behind a syllable without a final consonant, the second one or a later one."""
_LAST = "|".join(
    (
        _any_of(_COPULAS),
        f"(?:였|이었){_any_of(_AFTER_PAST)}",
        "(?<!한국|미국|중국|영국|태국|일본|독일|러시아|프랑스)인",  # a person of these countries
        rf"(?<!(?<![가-힣])[가-힣][순영옥정복숙](?=임)){_TWO}{_any_of(_LAST_AFTER_TWO)}",  # 박순임
        rf"{_OPEN}{_any_of('라는데 라던 라니')}",
    )
)
_ENDING = regex.compile(
    rf"(?:{_TWO}{_any_of(f'{_BOUND} {_BOUND_AFTER_TWO}')}{{1,2}}|{_any_of(_BOUND)}{{0,2}})"
    rf"{_any_of(_PARTICLES)}{{0,3}}(?:{_LAST})?"
)
_REST = regex.compile(r"\p{Hangul}+")
_LONGEST = 24
"""Code points of a chain of particles, decomposed."""
_NEAR = 9
"""Code points of three syllables, decomposed."""


def is_particle(text: str, at: int) -> bool:
    """Whether particles alone follow in a Korean word, such as those of ``서울에서는``."""
    rest = _REST.match(text, at)
    if rest is None or len(rest[0]) > _LONGEST:
        return False
    before = unicodedata.normalize("NFC", text[max(0, at - _NEAR) : at])
    word = before + unicodedata.normalize("NFC", rest[0])
    return bool(_ENDING.fullmatch(word, len(before)))
