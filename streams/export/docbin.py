"""spaCy's DocBin: a ``Doc`` for each field of each document."""

from collections.abc import Sequence
from typing import Any

from ner_core.types import Field
from streams.export.exported import OVERLAPPING, Exported
from streams.export.shown import Placed
from streams.export.tagged import Tagged
from streams.export.tokens import flat, tokens

SPANS_KEY = "sc"
"""Of the group of all entities in ``Doc.spans``: where spaCy's span categorizer looks."""


def docbin(documents: Sequence[Tagged]) -> Exported:
    """Return a DocBin; texts and offsets are those of the fields.

    ``Doc.spans["sc"]`` has all entities; ``Doc.ents``, where none may overlap, the longest.
    ``Doc.user_data`` has ``document_id`` and ``field``; ``scores``, and ``names`` of groups, in the
    order of the spans.

    Raises:
        ModuleNotFoundError: spaCy is not installed.
    """
    from spacy.tokens import DocBin  # noqa: PLC0415 # an extra, and slow to import
    from spacy.vocab import Vocab  # noqa: PLC0415

    exported, vocab = Exported(), Vocab()
    store = DocBin(store_user_data=True)
    for document in documents:
        if exported.has_text(document):
            for name, text in document.fields:
                store.add(_doc(vocab, document, name, exported.encodable(text), exported))
    exported.content = store.to_bytes()
    return exported


def _doc(
    vocab: Any,  # noqa: ANN401 # spaCy is an extra
    document: Tagged,
    name: Field,
    text: str,
    exported: Exported,
) -> Any:  # noqa: ANN401
    from spacy.tokens import Doc  # noqa: PLC0415

    placed = [Placed(e.start, e.end, e) for e in document.entities(name)]
    doc = Doc(vocab, *_words(text, placed))
    spans: list[Any] = [doc.char_span(p.start, p.end, label=p.entity.type) for p in placed]
    by_place = dict(zip(map(id, placed), spans, strict=True))
    kept = flat(placed)
    exported.left_out[OVERLAPPING + " (in Doc.spans, not in Doc.ents)"] += len(placed) - len(kept)
    doc.ents = [by_place[id(p)] for p in kept]
    doc.spans[SPANS_KEY] = spans
    doc.user_data |= {"document_id": document.record.document_id, "field": name}
    doc.user_data["scores"] = [p.entity.score for p in placed]
    groups = [document.record.group_of(p.entity) for p in placed]
    doc.user_data["names"] = [group.name if group else None for group in groups]
    return doc


def _words(text: str, entities: Sequence[Placed]) -> tuple[list[str], list[bool]]:
    """Return the tokens, and which have a blank after them that is no token of its own.

    A blank that an entity begins or ends with is a token: spaCy counts none else to a span.
    """
    starts, ends = {p.start for p in entities}, {p.end for p in entities}
    words: list[str] = []
    spaces: list[bool] = []
    for start, end in tokens(text, entities):
        word, after = text[start:end], start > 0 and not text[start - 1].isspace()
        if after and word[0] == " " and start not in starts and start + 1 not in ends:
            spaces[-1], word = True, word[1:]
        if word:
            words.append(word)
            spaces.append(False)
    return words, spaces
