"""Everything on one machine: `tagwire up`, `demo` and `status`."""
