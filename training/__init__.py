"""Adapters of our own: the recipe, from labeled files to a folder that vLLM loads."""
