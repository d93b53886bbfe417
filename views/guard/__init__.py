"""Who can send which request, and how often."""
