"""What each form needs, by the last word of its address."""

from __future__ import annotations

from tests.builders import OTHER_ACCOUNT

FORMS = {
    "start": {"company": "Acme"},
    "launch": {"flow": "quick", "region": "us-east-1"},
    "account": {"account_id": OTHER_ACCOUNT},
    "confirm-account": {"account_id": OTHER_ACCOUNT},
    "role": {"role_arn": f"arn:aws:iam::{OTHER_ACCOUNT}:role/x", "replace_account": "yes"},
}


def fields_for(rule):
    return FORMS.get(rule.rpartition("/")[2], {})
