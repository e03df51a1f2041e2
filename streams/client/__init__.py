"""What users of the topics run: send, tail, tag."""
