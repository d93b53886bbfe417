"""How pages look, and in which language."""
