"""CloudFormation that behaves as AWS's, on top of moto."""
