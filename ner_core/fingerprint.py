"""The fingerprint: a hash of everything besides the document that can change an answer."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict

import orjson

from ner_core.ensemble import Ensemble
from ner_core.labels import LabelSet
from ner_core.pool.border_words import BORDERS
from ner_core.pool.context_sample import SAMPLE
from ner_core.pool.name_index import NAMES
from ner_core.ports import DECIDING, Embedder, Engine
from ner_core.prompts.templates import prompts_of
from ner_core.stages.consistency import CONSISTENCY
from ner_core.stages.label_bias import LABEL_BIAS
from ner_core.stages.stacking import STACKING
from ner_core.text.candidate_spans import RULES
from ner_core.text.grounding import GROUNDING
from ner_core.text.in_context import IN_CONTEXT
from ner_core.text.markup import MARKUP
from ner_core.text.sentences import SPLITTER
from ner_core.text.wrong_borders import WRONG_BORDERS
from ner_core.version import __version__


def describe(
    ensemble: Ensemble,
    engines: Mapping[str, Engine],
    embedder: Embedder,
    labels: LabelSet,
    pool_version: str,
) -> dict[str, object]:
    """Return everything besides the document that can change an answer, ready for JSON."""
    modes, stack = ensemble.modes, ensemble.stack_of(labels.id)
    return {
        "code": __version__,
        "prompts": prompts_of(ensemble.prompts).version,
        "splitter": SPLITTER,
        "rules": rules_of(ensemble, labels.id),
        "modes": modes.model_dump(),
        "verifier": ensemble.verifier,
        "calibration": {k: c.model_dump() for k, c in sorted(ensemble.calibration.items())},
        **({"stack": stack.model_dump()} if stack else {}),
        "backbones": [
            {
                "name": b.name,
                "style": b.style,
                "context_tokens": b.context_tokens,
                "control_tokens": list(b.control_tokens),
                "reliability": b.reliability,
                "revision": engines[b.name].revision,
                "features": {f: engines[b.name].features.get(f, False) for f in DECIDING},
            }
            for b in ensemble.backbone
        ],
        "embedder": embedder.revision,
        "label_set": {
            "id": labels.id,
            "types": [[t.id, t.name, t.definition] for t in labels.types],
            **({"lists": asdict(labels.lists)} if labels.lists else {}),
        },
        "pool": pool_version,
    }


def rules_of(ensemble: Ensemble, label_set: str) -> list[str]:
    """Return name and version of the rules that can change an answer about a label set."""
    modes = ensemble.modes
    return [
        *(RULES, NAMES, GROUNDING, MARKUP),
        *([BORDERS] if modes.border_words else []),
        *([LABEL_BIAS] if modes.bias_mentions else []),
        *([CONSISTENCY] if modes.consistency else []),
        *([IN_CONTEXT, SAMPLE, WRONG_BORDERS] if modes.names_in_context else []),
        *([STACKING] if ensemble.stack_of(label_set) else []),
    ]


def fingerprint(description: Mapping[str, object]) -> str:
    """Return the hash of a description, 16 hexadecimal digits."""
    content = orjson.dumps(description, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]
