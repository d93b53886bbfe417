"""The only importer of boto3: what Rolecall asks of AWS, and how AWS's answers are named."""
