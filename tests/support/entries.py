"""The entries of files of documents, as both readers yield them."""

import pytest

from streams.client.files import Line, read_documents, read_lines

READERS = pytest.mark.parametrize("read", [read_lines, read_documents])


def refused(entries):
    """The number of each line that was refused, and why, as it is shown."""
    return [(entry[0], str(entry[1])) for entry in entries if not isinstance(entry, Line)]
