"""The callback: what a tenant's stack reports by itself, and how it is answered."""
