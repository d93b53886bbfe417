"""CloudFormation as AWS behaves, over moto."""
