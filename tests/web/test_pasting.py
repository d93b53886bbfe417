"""The seed's way: the role ARN is pasted, its form is judged at once, the role itself by the worker."""

from __future__ import annotations

import pytest

from tests.builders import ACCOUNT, OTHER_ACCOUNT, VENDOR_ACCOUNT
from tests.web.strict_html import by_id, text_of
from tests.web.visitor import document


def at(connection, page):
    return f"/connect/{connection.id}/{page}"


@pytest.mark.parametrize("around", ["{}", "  {} \n", '"{}"', "\u00a0{}\u200b"])
def test_a_pasted_role_arn_is_watched(visitor, story, tenant, store, around):
    connection = story.draft(tenant)
    arn = f"arn:aws:iam::{ACCOUNT}:role/{connection.role_name}"

    answer = visitor.post(at(connection, "role"), {"role_arn": around.format(arn)})

    assert (answer.status_code, answer.location) == (303, at(connection, "step/9"))
    assert str(store.get_connection(connection.id).claimed_role_arn) == arn
    assert arn in text_of(document(visitor.get(answer.location)).find(".//main"))


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "garbage",
        f"arn:aws:iam::{ACCOUNT}:user/jane",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/a/b",
        f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall",
        f"arn:aws-cn:iam::{ACCOUNT}:role/x",
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/y",
        f"arn:aws:iam::{ACCOUNT}:role/" + "x" * 3000,
        "<script>alert(1)</script>",
    ],
)
def test_an_arn_that_cannot_be_is_judged_at_once_and_kept(visitor, story, tenant, store, raw):
    connection = story.draft(tenant)

    answer = visitor.post(at(connection, "role"), {"role_arn": raw})

    page = document(answer)
    assert answer.status_code == 422
    field = by_id(page, "role_arn")
    assert field.get("value") == raw
    assert (field.get("aria-invalid"), field.get("aria-describedby")) == ("true", "role_arn_error")
    assert text_of(by_id(page, "role_arn_error"))
    assert store.get_connection(connection.id) == connection


def test_an_arn_of_another_account_names_both_and_asks_which_is_meant(visitor, story, tenant, store):
    connection = story.waiting(tenant)
    arn = f"arn:aws:iam::{OTHER_ACCOUNT}:role/{connection.role_name}"

    answer = visitor.post(at(connection, "role"), {"role_arn": arn})
    shown = text_of(document(answer))
    assert answer.status_code == 422
    assert "4444-5555-6666" in shown
    assert "1111-2222-3333" in shown
    assert store.get_connection(connection.id).account_id == ACCOUNT

    assert visitor.post(at(connection, "role"), {"role_arn": arn, "replace_account": "yes"}).status_code == 303
    assert store.get_connection(connection.id).account_id == OTHER_ACCOUNT


def test_a_role_arn_with_odd_characters_is_shown_as_text(visitor, story, tenant):
    connection = story.draft(tenant)
    odd = f"arn:aws:iam::{ACCOUNT}:role/\"><img&lt;'/{connection.role_name}"

    assert visitor.post(at(connection, "role"), {"role_arn": odd}).status_code == 303

    for number in (8, 9):
        page = document(visitor.get(at(connection, f"step/{number}")))
        assert odd in text_of(page)
        assert not list(page.iter("img"))
