"""Everything around the algorithm: topics, worker, engines, commands."""
