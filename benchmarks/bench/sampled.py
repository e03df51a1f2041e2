"""A worker that samples where its CPU time goes: python -m bench.sampled TABLE [ARGUMENTS OF IT].

From ``SIGUSR2`` on a sample is taken every two milliseconds of CPU time, of all threads that are
not waiting.
"""

import atexit
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FrameType

from streams.cli.app import main

EVERY_S = 0.002
SHOWN = 120
_WAITING = {
    ("selectors.py", "select"),
    ("thread.py", "_worker"),
    ("threading.py", "wait"),
    ("connection.py", "recv"),
}
own: Counter[CodeType] = Counter()
whole: Counter[CodeType] = Counter()


def sample(_number: int, frame: FrameType | None) -> None:
    """Count the functions that run now."""
    others = (f for f in sys._current_frames().values() if f.f_code is not sample.__code__)  # noqa: SLF001 - the documented way to see threads
    for top in (*others, *([frame] if frame else [])):
        if _place(top.f_code) not in _WAITING:
            own[top.f_code] += 1
            whole.update(set(_callers(top)))


def _callers(frame: FrameType | None) -> Iterator[CodeType]:
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back


def _place(code: CodeType) -> tuple[str, str]:
    return code.co_filename.rpartition("/")[2], code.co_name


def _name(code: CodeType) -> str:
    return f"{'/'.join(Path(code.co_filename).parts[-2:])} {code.co_qualname}"


def write(table: Path) -> None:
    """Write the functions with the largest shares, as a table."""
    total = max(1, own.total())
    lines = [
        f"| {_name(code)} | {100 * own[code] / total:.1f} | {100 * number / total:.1f} |"
        for code, number in whole.most_common()
        if own[code] / total >= 0.005 or number / total >= 0.02  # noqa: PLR2004 - shares
    ]
    lines.sort(key=lambda line: -float(line.split("|")[3]))
    title = "# Where the CPU time of a worker goes: `make bench BENCH='overhead --profile'`"
    head = [title, "", "| function | own % | with callees % |", "|---|---|---|"]
    table.write_text("\n".join([*head, *lines[:SHOWN], ""]), "utf-8")


if __name__ == "__main__":
    file = Path(sys.argv.pop(1))
    atexit.register(lambda: write(file))
    signal.signal(signal.SIGPROF, sample)
    begin = partial(signal.setitimer, signal.ITIMER_PROF, EVERY_S, EVERY_S)
    signal.signal(signal.SIGUSR2, lambda *_: begin())
    main()
