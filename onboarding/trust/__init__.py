"""Who gets in: a trust policy held against the one agreed."""
