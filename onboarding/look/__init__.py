"""The vendor's brand, and what pages draw."""
