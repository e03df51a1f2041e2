"""Pipelines on engines that answer by rules, for the tests of all stages."""

from ner_core.ensemble import Ensemble
from ner_core.labels import SHIPPED, load_label_sets
from ner_core.pipeline import Pipeline
from ner_core.pool.pool import build_pool
from ner_core.ports import Answer, Request
from ner_core.testing import HashEmbedder, RuleEngine
from ner_core.types import Demonstration, Document, Span, TypedSpan

POOL = [
    Demonstration(
        f"d{n}",
        f"Nora{n} left Lindholm{n}.",
        (TypedSpan(Span(0, 5), "person"), TypedSpan(Span(11, 20), "location")),
        "news",
    )
    for n in range(1, 8)
]
DOCUMENT = Document("doc", "Ada Kern came.\nShe met Bo Falk in Varna.", "Ada Kern in Varna")
AT_THE_SAME_TIME = [
    Document(
        str(n),
        " ".join(
            f"In part {k} of {n} Ada Kern met Bo Falk met Cy Moor in Varna{n}x{k}."
            for k in range(8)
        ),
    )
    for n in range(8)
]
"""Eight documents of eight sentences."""


def ensemble(*names, style="pattern", control_tokens=(), prompts=None, **modes):
    backbones = [
        {
            "name": name, "style": style, "context_tokens": 4096, "url": "http://x/v1",
            "control_tokens": control_tokens,
        }
        for name in names
    ]  # fmt: skip
    return Ensemble.model_validate(
        {
            "name": "test",
            "prompts": prompts,
            "verifier": names[0],
            "modes": {"rough_spans": "rules", "demonstrations": 3, **modes},
            "backbone": backbones,
            "embedder": {"name": "hashed", "url": "http://x/v1"},
        }
    )


async def pipeline(*engines, pool=POOL, **options):
    made = ensemble(*(engine.model for engine in engines), **options)
    embedder = HashEmbedder()
    return Pipeline(
        ensemble=made,
        engines={engine.model: engine for engine in engines},
        embedder=embedder,
        label_sets=load_label_sets(SHIPPED),
        pool=await build_pool(pool, embedder=embedder, modes=made.modes),
    )


def found(tagged):
    return {(e.field, e.text) for e in tagged.entities}


class Fixed(RuleEngine):
    """Answers by rules, but classifies and verifies as it is told."""

    def __init__(self, model, *, kind=None, check=None, script=None):
        super().__init__(model, script)
        self.kind, self.check = kind, check

    def _answer(self, request: Request) -> Answer:
        said = self.check if " yes" in request.choices else self.kind if request.choices else None
        return Answer(said, probabilities={said: 1.0}) if said else super()._answer(request)
