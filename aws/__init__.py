"""Everything that Rolecall asks of AWS. Only this part imports boto3."""
