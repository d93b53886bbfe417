"""The stand-in for the AWS console."""
