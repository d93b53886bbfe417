"""Measures what a verification and a request cost. Run it with `make bench`; the tests do not."""
