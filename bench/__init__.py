"""Measures the cost of a verification. Run it with `make bench`; the tests do not."""
