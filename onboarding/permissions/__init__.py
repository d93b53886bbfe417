"""What the role can do, held against what was asked."""
