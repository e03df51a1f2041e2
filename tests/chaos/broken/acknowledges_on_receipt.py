"""A worker whose ledger acknowledges a document as soon as it has it."""

from collections.abc import Callable

from chaos.broken import run_worker
from streams.wire.messages import Message
from streams.worker.ledger import Entry, Ledger

add = Ledger.add


def acknowledged(ledger: Ledger, message: Message, acknowledge: Callable[[], object]) -> Entry:
    """Take a document in and acknowledge it."""
    entry = add(ledger, message, acknowledge)
    acknowledge()
    return entry


if __name__ == "__main__":
    Ledger.add = acknowledged
    run_worker()
