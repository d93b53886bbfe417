"""What people paste into the wizard's boxes, as it happened to others: taken, or named, with the way on beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onboarding.ground.status import Status
from tests.builders import ACCOUNT, OTHER_ACCOUNT
from tests.web.colleague import Colleague, hand_over
from tests.web.strict_html import by_id, text_of
from tests.web.test_launching import QUICK, at
from tests.web.visitor import document

STACK = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/Rolecall-x/6f9e8a70-1b2c-11ee-be56-0242ac120002"
CONSOLE = "https://eu-west-1.console.aws.amazon.com"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.fixture
def draft(story, tenant):
    return story.draft(tenant)


@pytest.fixture
def says(visitor, draft):
    """Post a field of the draft's, and return the page and what it says of that field."""

    def post(page, field, raw, **others):
        answer = visitor.post(at(draft, page), {field: raw, **others})
        assert answer.status_code == 422
        shown = document(answer)
        return shown, text_of(by_id(shown, f"{field}_error"))

    return post


@pytest.mark.parametrize(
    "raw", ["1111-2222-3333", "1111 2222 3333", "\t1111\u20112222\u20113333\n", "1111\u00a02222\u00a03333"]
)
def test_an_account_id_is_taken_shown_in_groups_and_kept_as_digits(visitor, draft, store, raw):
    field = document(visitor.post(at(draft, "account"), {"account_id": raw}, htmx=True))

    assert by_id(field, "account_id").get("value") == "1111-2222-3333"
    assert store.get_connection(draft.id).account_id == ACCOUNT
    assert by_id(document(visitor.get(at(draft, "step/1"))), "account_id").get("value") == "1111-2222-3333"
    assert visitor.post(at(draft, "launch"), {**QUICK, "account_id": raw}).status_code == 303


def test_a_leading_zero_stays_and_a_lost_one_is_asked_for(visitor, draft, store, says):
    assert visitor.post(at(draft, "account"), {"account_id": "012345678901"}).status_code == 303
    assert store.get_connection(draft.id).account_id == "012345678901"

    page, said = says("account", "account_id", "12345678901")

    assert "11 digits: a leading zero was probably lost; did you mean 0123-4567-8901?" in said
    assert by_id(page, "account_id").get("value") == "12345678901"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (STACK, "region eu-west-1: this is the stack, not the role"),
        (
            f"{CONSOLE}/cloudformation/home?region=eu-west-1#/stacks/stackinfo?stackId="
            + STACK.replace(":", "%3A").replace("/", "%2F"),
            "region eu-west-1: this is the stack, not the role",
        ),
        (f"arn:aws:iam::{ACCOUNT}:policy/northwind", "a policy's ARN"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/northwind/ana", "a session's ARN"),
        (ACCOUNT, "an account ID"),
    ],
)
def test_what_is_not_the_role_is_named_and_the_expected_role_is_one_press_away(visitor, draft, store, says, raw, words):
    page, said = says("role", "role_arn", raw)
    (press,) = [button for button in page.iter("button") if button.get("name") == "offered"]
    expected = f"arn:aws:iam::{ACCOUNT}:role/{draft.role_name}"

    assert words in said
    assert by_id(page, "role_arn").get("value") == raw
    assert press.get("value") == expected
    assert expected in text_of(page)

    assert visitor.post(at(draft, "role"), {"role_arn": raw, "offered": press.get("value")}).status_code == 303
    assert str(store.get_connection(draft.id).claimed_role_arn) == expected


@pytest.mark.parametrize("is_watched", [False, True], ids=["a new role", "the role that is watched already"])
@pytest.mark.parametrize(
    ("pasted", "region"),
    [
        (STACK, "eu-west-1"),
        (STACK.replace("eu-west-1", "mars-1"), "us-east-1"),
        (STACK.replace(ACCOUNT, OTHER_ACCOUNT), "us-east-1"),
        (f"{STACK} {STACK.replace('eu-west-1', 'eu-west-2')}", "us-east-1"),
        (f"arn:aws:iam::{ACCOUNT}:policy/northwind", "us-east-1"),
    ],
)
def test_with_the_offered_role_the_region_of_the_stack_is_taken_over(
    visitor, draft, story, tenant, store, clock, is_watched, pasted, region
):
    connection = story.waiting(tenant) if is_watched else draft
    offered = f"arn:aws:iam::{ACCOUNT}:role/{connection.role_name}"

    assert visitor.post(at(connection, "role"), {"role_arn": pasted, "offered": offered}).status_code == 303

    kept = store.get_connection(connection.id)
    assert (kept.region, str(kept.claimed_role_arn)) == (region, offered)
    assert kept.waiting_since == connection.waiting_since or not is_watched


def test_a_stack_beside_a_role_that_was_pasted_itself_moves_no_region(visitor, draft, store):
    raw = f"arn:aws:iam::{ACCOUNT}:role/x {STACK}"

    assert visitor.post(at(draft, "role"), {"role_arn": raw}).status_code == 303
    assert store.get_connection(draft.id).region == draft.region


def test_an_offered_role_in_another_account_than_the_typed_one_is_asked_about_like_a_pasted_one(
    visitor, story, tenant, store
):
    waiting = story.waiting(tenant)
    offered = f"arn:aws:iam::{OTHER_ACCOUNT}:role/{waiting.role_name}"

    page = document(visitor.post(at(waiting, "role"), {"role_arn": STACK, "offered": offered}))

    assert "4444-5555-6666" in text_of(page)
    typed = by_id(page, "role_arn").get("value")
    assert visitor.post(at(waiting, "role"), {"role_arn": typed, "replace_account": "yes"}).status_code == 303
    assert str(store.get_connection(waiting.id).claimed_role_arn) == offered


def test_the_address_of_the_roles_page_is_taken_once_the_account_is_known(visitor, draft, store, says):
    address = f"{CONSOLE}/iam/home?region=eu-west-1#/roles/details/{draft.role_name}?section=permissions"

    _, said = says("role", "role_arn", address)
    assert "does not say in which account" in said

    visitor.post(at(draft, "account"), {"account_id": ACCOUNT})
    assert visitor.post(at(draft, "role"), {"role_arn": address}).status_code == 303
    assert str(store.get_connection(draft.id).claimed_role_arn) == f"arn:aws:iam::{ACCOUNT}:role/{draft.role_name}"


@pytest.mark.parametrize("name", ["managed/team/prd-X", "odd+=,.@_-name"])
def test_a_role_with_a_path_or_with_odd_characters_is_taken(visitor, draft, store, name):
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"

    assert visitor.post(at(draft, "role"), {"role_arn": f"It is {arn}"}).status_code == 303
    assert str(store.get_connection(draft.id).claimed_role_arn) == arn


@pytest.mark.parametrize(
    ("partition", "words"),
    [
        ("aws-eusc", ["“aws-eusc” is not served by this installation"]),
        ("aws-us-gov", ["AWS GovCloud (US) (aws-us-gov)", "standard regions (aws)", "can trust us", "ask us"]),
        ("aws-cn", ["AWS China (aws-cn)", "standard regions (aws)", "can trust us", "ask us"]),
    ],
)
@pytest.mark.parametrize("box", ["role_arn", "account_id"])
def test_another_part_of_aws_is_refused_in_words_before_aws_is_asked(draft, store, aws, says, partition, words, box):
    page = {"role_arn": "role", "account_id": "account"}[box]

    _, said = says(page, box, f"arn:{partition}:iam::{ACCOUNT}:role/X")

    assert [word for word in words if word not in said] == []
    assert store.get_connection(draft.id) == draft
    assert draft.status is Status.DRAFT


@pytest.mark.parametrize("secret", [KEY, SECRET, f"{KEY} {SECRET}", f"{ACCOUNT} {KEY} " + "x" * 5_000])
@pytest.mark.parametrize(
    ("page", "box"),
    [
        ("account", "account_id"),
        ("launch", "account_id"),
        ("role", "role_arn"),
        ("examine", "pasted"),
        ("trouble", "pasted"),
    ],
)
def test_an_access_key_is_not_shown_again_kept_or_logged_and_is_to_be_replaced(
    visitor, story, tenant, store, statements, caplog, secret, page, box
):
    connection = story.waiting(tenant)
    caplog.set_level(0)

    answer = visitor.post(at(connection, page), {**QUICK, box: secret})

    secrets = [one for one in (KEY, SECRET) if one in secret]
    assert answer.status_code == 422
    assert "rotate it" in text_of(by_id(document(answer), f"{box}_error"))
    assert not [one for one in secrets if one in answer.text]
    assert not [one for one in secrets if one in caplog.text + repr(list(statements))]
    assert store.get_connection(connection.id) == connection


def test_an_access_key_in_place_of_a_name_does_not_reach_the_colleague(visitor, draft, store):
    answer = visitor.post(at(draft, "handover"), {"asked_by": KEY, "days": "3"})

    assert answer.status_code == 422
    assert "rotate it" in text_of(by_id(document(answer), "asked_by_error"))
    assert KEY not in answer.text
    assert store.list_handovers(draft.id) == []


def test_an_access_key_is_taken_out_of_the_field_that_htmx_replaces(visitor, draft):
    answer = visitor.post(at(draft, "account"), {"account_id": SECRET}, htmx=True)

    assert answer.status_code == 422
    assert by_id(document(answer), "account_id").get("value") == ""


def test_a_stack_made_with_the_id_of_friday_still_connects_when_the_link_is_opened_on_monday(
    app, visitor, story, tenant, store, aws, clock, draft
):
    visitor.get(at(draft, "step/3"))
    (friday,) = store.issued(draft.id)
    _, link = hand_over(app, draft)

    clock.forward(days=2, hours=23)
    colleague = Colleague(app).accept(link, draft)
    colleague.get(at(draft, "step/3"))
    colleague.post(at(draft, "account"), {"account_id": ACCOUNT})
    waiting = store.get_connection(draft.id)
    aws.accepts_only(waiting.claimed_role_arn, friday.external_id)

    assert friday.issued_at < clock.now() - timedelta(hours=48)
    assert story.verify(waiting).status is Status.CONNECTED
    assert store.get_connection(draft.id).bound_external_id == friday.external_id
