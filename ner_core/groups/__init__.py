"""Groups: the mentions of one name in a document, brought together without a model."""
