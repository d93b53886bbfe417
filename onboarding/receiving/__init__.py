"""What the worker does with what a stack reports: decide, keep, and answer."""
