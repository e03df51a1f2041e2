"""Text: sentences, spans, grounding, and sanitizing for models."""
