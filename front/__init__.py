"""The front of the web server: reads whole requests, refuses what it must, and gives the rest to threads."""
