"""The stack template: what it asks for, whom it trusts, where it is published."""
