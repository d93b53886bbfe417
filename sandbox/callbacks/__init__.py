"""Custom resources of stacks, as CloudFormation delivers them: an event by SNS, and an answer by a signed address."""
