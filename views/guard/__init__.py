"""What stands between a request and a view."""
