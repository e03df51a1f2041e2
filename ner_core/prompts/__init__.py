"""Prompts: templates of questions, demonstrations in them, and parsers of answers."""
