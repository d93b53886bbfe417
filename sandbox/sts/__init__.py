"""STS that enforces trust policies."""
