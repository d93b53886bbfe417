"""The store: every row Rolecall keeps, behind onboarding.ports.Store."""
