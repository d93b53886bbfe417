"""CSRF tokens by Flask-WTF, which survive a rotated key and need no Referer."""

from __future__ import annotations

from flask import abort, current_app, g, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError


class Csrf(CSRFProtect):  # type: ignore[misc]
    """Flask-WTF's protection with two changes.

    It accepts a token that a fallback key signed, because a form can be open while the key is rotated. And it needs no
    Referer, which privacy tools leave out: views/security.py checks Origin and Sec-Fetch-Site instead.
    """

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse an unsafe request without a token of its session. Raises CSRFError."""
        if apply_exemptions and (not request.endpoint or self._is_exempt()):
            return
        if request.method not in current_app.config["WTF_CSRF_METHODS"]:
            return
        if None in request.form:
            abort(400)  # A part without a name, on which Flask-WTF's search for the token stumbles.
        if request.files:
            abort(400)  # No form of ours has one, and WTForms would take it for the text of the field of that name.
        token, why = self._get_csrf_token(), "The CSRF token is missing."
        for key in (current_app.secret_key, *(current_app.config["SECRET_KEY_FALLBACKS"] or ())):
            try:
                validate_csrf(token, secret_key=key)
            except ValidationError as invalid:
                why = str(invalid.args[0])
            else:
                g.csrf_valid = True  # Flask-WTF's forms then do not check the token again.
                return
        self._error_response(why)
