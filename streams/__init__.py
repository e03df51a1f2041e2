"""The Tagwire service: documents in, verified entities out, over Kafka."""
