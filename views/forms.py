"""The forms. The domain decides what a field can hold: its check calls the domain's parser and shows its refusal."""

from __future__ import annotations

from collections.abc import Callable

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from onboarding.entry.handovers import DEFAULT_LIFETIME, LIFETIMES
from onboarding.ground.arn import parse_account_id
from onboarding.ground.refused import Refused
from onboarding.ground.wording import Text, say
from onboarding.model import Flow


def at_most(longest: int, message: Text) -> Callable[[FlaskForm, StringField], None]:
    """Refuse longer text. WTForms' own check turns its message into a plain string, which cannot be translated."""

    def check(form: FlaskForm, field: StringField) -> None:
        if len(field.data or "") > longest:
            raise ValidationError(message)

    return check


def _printable(form: FlaskForm, field: StringField) -> None:
    if not field.data.strip() or not field.data.isprintable():
        raise ValidationError(f"{field.name} must be printable text.")


def _only_printable(raw: str | None) -> str:
    """Drop invisible characters: names need none, and some of them reverse the text around them."""
    return "".join(c for c in raw or "" if c.isprintable()).strip()


_PORTAL_NAME = (Length(max=100), _printable)
_SHORT_NAME = at_most(80, say("A name can have at most 80 characters."))


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A button with a CSRF token."""


class StartForm(FlaskForm):  # type: ignore[misc]
    """Who starts without an invite, if the installation allows that."""

    company = StringField(validators=[DataRequired(say("Type the name of your company.")), _SHORT_NAME], default="")


class AccountForm(FlaskForm):  # type: ignore[misc]
    """The AWS account that the tenant connects."""

    account_id = StringField(validators=[Optional(), at_most(40, say("An AWS account ID is 12 digits."))], default="")

    def validate_account_id(self, field: StringField) -> None:
        """Refuse what the domain cannot parse, with its sentence."""
        try:
            parse_account_id(field.data)
        except Refused as refused:
            raise ValidationError(refused.words) from None


class LaunchForm(AccountForm):
    """How the tenant goes to AWS."""

    region = SelectField()
    flow = SelectField(choices=[SelectChoice(f.value) for f in Flow], default=Flow.QUICK_CREATE.value)


class PinForm(FlaskForm):  # type: ignore[misc]
    """The external ID to keep: signed, so that nobody can send in one that we did not show."""

    shown = HiddenField(validators=[InputRequired(), Length(max=500)], default="")


class RoleForm(FlaskForm):  # type: ignore[misc]
    """The ARN that the tenant copied from AWS. `replace_account` confirms that its account is the right one."""

    role_arn = StringField(validators=[at_most(2048, say("That is too long. Paste only the role ARN."))], default="")
    replace_account = HiddenField(default="")


_TOO_LONG_TO_EXAMINE = at_most(60_000, say("That is too long. Paste only what this command printed."))


class ExamineForm(FlaskForm):  # type: ignore[misc]
    """What AWS prints about a role."""

    pasted = TextAreaField(
        validators=[DataRequired(say("Paste what the command printed.")), _TOO_LONG_TO_EXAMINE], default=""
    )


class HandoverForm(FlaskForm):  # type: ignore[misc]
    """Who asks a colleague, if they say so, and for how many days the link works."""

    asked_by = StringField(validators=[_SHORT_NAME], filters=[_only_printable], default="")
    days = SelectField(coerce=int, choices=[SelectChoice(days) for days in LIFETIMES], default=DEFAULT_LIFETIME)


class ExchangeForm(FlaskForm):  # type: ignore[misc]
    """The secret that the frame's first page found in its address."""

    secret = StringField(validators=[DataRequired(), Length(max=200)])


class ConnectionsForm(FlaskForm):  # type: ignore[misc]
    """Whose connections a portal's server asks about. It sends an API key instead of a CSRF token."""

    class Meta:
        csrf = False

    tenant = StringField(validators=[InputRequired("tenant is missing: your own name for it."), *_PORTAL_NAME])


class PortalStartForm(ConnectionsForm):
    """The tenant for whom a portal's server starts the wizard, and how the wizard starts."""

    tenant_name = StringField(validators=[InputRequired("tenant_name is missing: the wizard shows it."), *_PORTAL_NAME])
    origin = StringField(validators=[InputRequired("origin is missing: the origin of the page that holds the iframe.")])
    account_id = StringField(validators=[Length(max=40)], default="")
    return_url = StringField(validators=[Length(max=2000)], default="")
    theme = StringField(default="")
    language = StringField(validators=[Length(max=35)], default="")
