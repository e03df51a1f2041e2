"""The public contract: what is on the topics."""
