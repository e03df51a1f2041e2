"""Labeled files that a test writes, and what is read of them."""

import gzip

from ner_core.evaluation.corpora import load_corpus, read_corpus


def written(folder, name, content):
    path = folder / name
    raw = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def entities(sentence):
    return [(sentence.surface(e), e.type) for e in sentence.entities]


def read(folder, name, content):
    """The text of every sentence, with its entities."""
    return [(s.text, entities(s)) for s in read_corpus(written(folder, name, content), "x")]


def loaded(folder, name, content, nested="flat"):
    return load_corpus(written(folder, name, content), "x", nested=nested)
