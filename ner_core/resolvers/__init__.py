"""Resolvers: external keys for the names in a document. Off unless one is configured."""
