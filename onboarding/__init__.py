"""The domain: what a connection is, how it moves, and what proves it. No Flask, no AWS, no SQL, no clock."""
