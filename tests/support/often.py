"""How often a property is tried, with the same examples each time."""

from hypothesis import HealthCheck, settings

often = settings(
    max_examples=2000,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

seldom = settings(often, max_examples=100)
