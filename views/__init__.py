"""HTTP: parse, one verb, render."""
