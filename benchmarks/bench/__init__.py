"""What Tagwire costs, measured: ``make bench`` runs these benchmarks."""
