"""What a developer runs to bring the list of AWS's actions up to date."""
