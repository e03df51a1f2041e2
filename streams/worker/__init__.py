"""The process `tagwire worker`: documents in, entities out."""
