"""Facts from AWS, and the checks that judge them."""
