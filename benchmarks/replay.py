"""Live latency with and without a replay beside it, on an engine of known speed.

    KAFKA_HOME=folder python -m benchmarks.replay [--documents 2000] [--seconds 120]

Starts a broker, Redis, a scripted engine and a worker. ``--documents`` documents are there already
and are replayed; one live document comes every ``--every-s``. For ``--seconds`` seconds there is no replay, then
there is one until it ends. A live document's latency is from its sending to its record.
"""
