"""The field test: asks two real AWS accounts whether AWS behaves as Rolecall assumes (docs/field-test.md)."""
