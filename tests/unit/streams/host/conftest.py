"""Services for the tests of their life and of their end; none may be left over."""

from functools import partial

import pytest
from support.processes import is_running
from support.services import Reported, small_service


@pytest.fixture
def reported():
    reported = Reported()
    yield reported
    assert not [pid for pid in reported.pids if is_running(pid)]


@pytest.fixture
def service(tmp_path):
    return partial(small_service, tmp_path)
