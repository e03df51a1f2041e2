"""Adapters of our own: the recipe, from labelled files to a folder that vLLM loads."""
