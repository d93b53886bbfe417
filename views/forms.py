"""The forms. What a field may hold is the domain's to say: a field's check parses, and shows what parsing says."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from onboarding.arn import Refused, parse_account_id
from onboarding.model import Flow


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A button, and the proof that it stood on our page."""


class StartForm(FlaskForm):  # type: ignore[misc]
    """The sandbox's open door."""

    company = StringField(
        "Your company", validators=[DataRequired("Type the name of your company."), Length(max=80)], default=""
    )


class AccountForm(FlaskForm):  # type: ignore[misc]
    """The AWS account that is to be connected."""

    account_id = StringField("AWS account ID", validators=[Optional(), Length(max=40)], default="")

    def validate_account_id(self, field: StringField) -> None:
        """Show what the domain says of the twelve digits."""
        try:
            parse_account_id(field.data)
        except Refused as refused:
            raise ValidationError(str(refused)) from None


class LaunchForm(AccountForm):
    """How the tenant goes to AWS."""

    region = SelectField("Region")
    flow = SelectField(choices=[SelectChoice(f.value) for f in Flow], default=Flow.QUICK_CREATE.value)


class PinForm(FlaskForm):  # type: ignore[misc]
    """Which of the external IDs this browser was shown is kept. A number, never the ID: nobody can send one in."""

    number = IntegerField(validators=[InputRequired()])


class RoleForm(FlaskForm):  # type: ignore[misc]
    """The ARN that the tenant copied from AWS. `replace_account` says that its account is the right one."""

    role_arn = StringField("Role ARN", validators=[Length(max=2048)], default="")
    replace_account = HiddenField(default="")


class ExamineForm(FlaskForm):  # type: ignore[misc]
    """What AWS prints of a role."""

    pasted = TextAreaField(
        "What the command printed",
        validators=[
            DataRequired("Paste what the command printed."),
            Length(max=60_000, message="That is too much: paste only what this one command printed."),
        ],
        default="",
    )
