"""The ways in: invites, hand-overs, portals and their API keys."""
