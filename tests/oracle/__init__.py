"""The product's verdicts against the sandbox's STS, which shares no code with it, on policies that chance makes."""
