"""The worst that anybody can send or keep in an AWS account, at every way in, and the processor time that it costs.

`asked.py` is one request, and places for a text in it. `house.py` is the application, and a request of each route that
succeeds. `reading.py` watches what those requests read: every name becomes a place for `texts.py`. `bodies.py` has
whole bodies and heads; `roles.py` what AWS tells of a role. `measuring.py` says what all of that can cost.
"""
