"""The stack template, read as what was agreed."""
