"""What a verification costs: run by `make bench`, never by the tests."""
