"""Fakes that ship: they pass the same contract tests as the real adapters."""

from ner_core.testing.embedder import HashEmbedder
from ner_core.testing.engine import RuleEngine
from ner_core.testing.pace import Pace
from ner_core.testing.rules import Script
from ner_core.testing.server import ScriptedEngine
from ner_core.testing.steps import Steps
from ner_core.testing.store import InMemoryStore

__all__ = [
    "HashEmbedder",
    "InMemoryStore",
    "Pace",
    "RuleEngine",
    "Script",
    "ScriptedEngine",
    "Steps",
]
