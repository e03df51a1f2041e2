"""Evaluation: labelled corpora, seeded samples, strict scores and baselines."""
