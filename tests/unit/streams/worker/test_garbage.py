"""A worker searches for garbage less often than Python does, and not in what it has loaded."""

import gc

import pytest

from streams.worker.garbage import OBJECTS, collect_rarely


class Garbage:
    """An object that only a search can free: it refers to itself."""

    freed = 0

    def __init__(self):
        self.itself = self

    def __del__(self):
        Garbage.freed += 1


@pytest.fixture(autouse=True)
def as_before():
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_what_has_been_loaded_is_not_searched_again():
    loaded = [Garbage()]

    collect_rarely()

    assert not any(each is loaded for each in gc.get_objects())


def test_garbage_of_documents_is_still_found():
    collect_rarely()
    before = Garbage.freed

    Garbage()
    documents = [[] for _ in range(2 * OBJECTS)]

    assert len(documents) == 2 * OBJECTS
    assert Garbage.freed == before + 1
