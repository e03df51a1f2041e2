"""Other people's tools, asked about the same sentences: see ``bench.peers``."""
