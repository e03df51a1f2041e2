"""Moving code changes no answer: fingerprints and answers, pinned.

Whoever changes a pinned value on purpose says so in the changelog: stored answers are asked
for again, and subscribers see another fingerprint.
"""

import hashlib
from dataclasses import asdict

import orjson
import pytest
from support import ROOT
from support.pipelines import DOCUMENT, POOL, pipeline

from ner_core.ensemble import load_ensemble
from ner_core.labels import SHIPPED, load_label_sets
from ner_core.pipeline import Pipeline
from ner_core.pool.pool import build_pool
from ner_core.ports import Request
from ner_core.testing import HashEmbedder, RuleEngine
from ner_core.types import Span

MODELS = ROOT / "models"
EXPLAINED = ("field", "start", "text", "demonstrations", "extracted", "votes")
"""What the pinned values were made from."""


def digest(value: object) -> str:
    content = orjson.dumps(value, default=Span._asdict, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]


def plain(request: Request) -> dict[str, object]:
    prompt = request.prompt
    messages = prompt if isinstance(prompt, str) else tuple(map(asdict, prompt))
    return {**request._asdict(), "prompt": messages}


@pytest.mark.parametrize(
    ("file", "pinned"),
    [
        ("adapted", "df7184f1f19b3e2a"),
        ("embedded", "06b2e601055341f9"),
        ("paper", "82bdd64b07df34c1"),
        ("single", "99d5fa16f7926f2b"),
    ],
)
async def test_the_fingerprint_of_a_shipped_ensemble_is_the_same_as_ever(file, pinned):
    ensemble = load_ensemble(MODELS / f"{file}.toml")
    embedder = HashEmbedder()
    whole = Pipeline(
        ensemble=ensemble,
        engines={b.name: RuleEngine(b.name) for b in ensemble.backbone},
        embedder=embedder,
        label_sets=load_label_sets(SHIPPED),
        pool=await build_pool(POOL, embedder=embedder, modes=ensemble.modes),
    )

    assert whole.fingerprint("news") == pinned


@pytest.mark.parametrize(
    ("style", "modes", "pinned"),
    [
        ("pattern", {"pool_votes": True, "verify": "disputed"}, "68f036c752c442bb"),
        (
            "chat",
            {"rough_spans": "models", "demonstration_scope": "sentence"},
            "80259d5eb912c3bb",
        ),
    ],
)
async def test_every_question_and_every_answer_is_the_same_as_ever(style, modes, pinned):
    engines = [RuleEngine("a"), RuleEngine("b")]
    tagged = await (await pipeline(*engines, style=style, **modes)).tag(DOCUMENT, explain=True)
    asked = sorted(str(plain(request)) for engine in engines for request in engine.asked)

    explained = [{what: entry[what] for what in EXPLAINED} for entry in tagged.explanation]
    assert digest([asked, [e._asdict() for e in tagged.entities], explained]) == pinned
