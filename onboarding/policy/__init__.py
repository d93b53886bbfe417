"""What an IAM policy says."""
