"""Output for people: progress, bars, highlighted mentions; nothing steers their terminal."""

import sys
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

from streams.wire.entities import EntitiesRecord, EntityRecord

COLORS = ("cyan", "magenta", "green", "yellow", "blue", "red", "bright_cyan", "bright_magenta")
_KNOWN = {
    "person": "magenta",
    "organization": "cyan",
    "location": "green",
    "event": "yellow",
    "product": "blue",
    "work": "bright_magenta",
    "group": "red",
}
_QUARTERS = (0, 25, 50, 75, 100)
_C0_END, _DELETE, _C1_END = 0x20, 0x7F, 0xA0
_CONTROL_PICTURES = 0x2400
_BIDI = frozenset([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def clean(text: str) -> str:
    """Replace terminal control characters with visible ones; keeps the length."""
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    code = ord(character)
    if code < _C0_END:
        return character if character == "\n" else chr(_CONTROL_PICTURES + code)
    if _DELETE <= code < _C1_END or code in _BIDI or 0xD800 <= code < 0xE000:  # noqa: PLR2004 - surrogates
        return "\ufffd"
    return character


def write_data(line: bytes) -> None:
    """Write a line of data to standard output, at once: a pipe sees records as they come."""
    write_bytes(line + b"\n")


def write_bytes(content: bytes) -> None:
    """Write content to standard output, at once."""
    sys.stdout.buffer.write(content)
    sys.stdout.flush()


def write_text(text: str) -> None:
    """Write text for people to standard output, whatever is in it."""
    write_data(clean(text).encode())


def color(kind: str) -> str:
    """Return the color of a type, always the same."""
    return _KNOWN.get(kind) or COLORS[sum(map(ord, kind)) % len(COLORS)]


def highlighted(text: str, entities: Iterable[EntityRecord], field: str) -> Text:
    """Return the text of a field with its mentions in the color of their type."""
    shown = Text(clean(text))
    for entity in entities:
        if entity.field == field:
            shown.stylize(f"bold {color(entity.type)}", entity.start, entity.end)
    return shown


def listed(record: EntitiesRecord) -> Text:
    """Return the names of the groups by type, the most prominent first.

    Of a record without groups, each surface once, in order of appearance.
    """
    named = [(g.type, g.name) for g in record.groups or ()]
    by_type: dict[str, dict[str, None]] = {}
    for kind, name in named or [(e.type, e.text) for e in record.entities]:
        by_type.setdefault(kind, {})[clean(name).replace("\n", " ")] = None
    line = Text("  ")
    for kind, surfaces in by_type.items():
        line.append(f"{clean(kind)} ", "dim").append(" · ".join(surfaces), color(kind))
        line.append("   ")
    return line if by_type else Text("  nothing found", "dim")


def table(rows: Mapping[str, object]) -> Text:
    """Return a table of two columns."""
    width = max(map(len, rows), default=0)
    return Text("\n".join(f"  {name.ljust(width)}  {value}" for name, value in rows.items()))


class Progress:
    """Reports progress on standard error, with the seconds since the start; a context manager.

    On a terminal, work under way has a bar; elsewhere each quarter of it is a line.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(file=sys.stderr, highlight=False)
        self._began = time.monotonic()
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._quarters: dict[str, int] = {}

    def __enter__(self) -> Self:
        """Start showing bars."""
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the bars; printed steps stay."""
        self._bars.stop()

    def log(self, what: str, detail: str = "") -> None:
        """Print one step and a detail, with the seconds since the start."""
        line = Text(f"{time.monotonic() - self._began:6.1f} s  ", "dim")
        line.append(f"{what:<25} ", "bold").append(detail, "not bold not dim")
        self.console.print(line, soft_wrap=True)

    def show(self, thing: Any) -> None:  # noqa: ANN401 - whatever rich can print
        """Print something that stays."""
        self.console.print(thing)

    def update(self, name: str, done: float, total: float | None, note: str = "") -> None:
        """Move a bar, which disappears when done; ``total`` is ``None`` if unknown."""
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total)
        description = f"{name}  {note}" if note else name
        self._bars.update(self._tasks[name], completed=done, total=total, description=description)
        if total is not None:
            self._log_quarters(name, done, total)
            if done >= total:
                self.finish(name)

    def finish(self, name: str) -> None:
        """Remove a bar."""
        if name in self._tasks:
            self._bars.remove_task(self._tasks.pop(name))

    def _log_quarters(self, name: str, done: float, total: float) -> None:
        percent = int(100 * done / total) if total else 100
        quarter = max(q for q in _QUARTERS if q <= percent)
        if not self.console.is_terminal and self._quarters.get(name) != quarter:
            self._quarters[name] = quarter
            self.log(name, f"{quarter} %")
