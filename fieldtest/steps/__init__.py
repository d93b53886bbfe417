"""The parts of the field test, each about one thing that AWS does."""
