"""The catalogues, a folder for each language, and what collects the sentences for them."""
