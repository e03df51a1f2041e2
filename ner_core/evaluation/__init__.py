"""Evaluation: labeled corpora, seeded samples, strict scores and baselines."""
