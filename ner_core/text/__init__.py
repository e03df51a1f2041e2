"""Text: sentences, spans, and what is safe to show a model."""
