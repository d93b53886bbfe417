"""The store: everything that Rolecall keeps, behind onboarding.ports.Store."""
