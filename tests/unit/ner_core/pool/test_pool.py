"""The pool: what it takes, and how it is versioned."""

import pytest

from ner_core.errors import UnknownTypeError
from ner_core.labels import SHIPPED, load_label_sets
from ner_core.pool.pool import require_known_types
from ner_core.types import Demonstration, Span, TypedSpan

NEWS = load_label_sets(SHIPPED)


def sailed(kind, label_set="news"):
    return Demonstration("sailed", "Varna sailed.", (TypedSpan(Span(0, 5), kind),), label_set)


def test_a_demonstration_of_an_unknown_type_is_refused_with_its_id_and_the_known_types():
    with pytest.raises(UnknownTypeError, match=r"'sailed': type 'ship'.*known: person, "):
        require_known_types(sailed("ship"), NEWS)


def test_a_demonstration_of_known_types_is_taken():
    assert require_known_types(sailed("product"), NEWS) == sailed("product")


def test_a_demonstration_of_a_label_set_that_is_not_registered_is_taken():
    assert require_known_types(sailed("ship", "harbor"), NEWS) == sailed("ship", "harbor")
