"""Replay: documents of a range of the topic are tagged again, beside the live ones."""
