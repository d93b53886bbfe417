"""What others build around Rolecall, as examples to copy."""
