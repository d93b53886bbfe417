"""HTTP: each view parses the request, calls one verb, renders the answer."""
