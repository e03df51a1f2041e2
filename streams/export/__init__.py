"""Tagged documents as people and other programs read them."""
