"""What nobody would see on a page stands there written out, whoever wrote it: a tenant, AWS, a portal."""

from __future__ import annotations

import json

import pytest

from onboarding.ground.wording import visible
from onboarding.trust.expected import ExpectedTrust, corrected_policy
from tests.builders import a_tenant, an_event
from tests.web.visitor import Visitor

# Control characters, marks of direction, blanks without width, ends of lines that are none, half a character,
# fillers that draw nothing, and tags, which can spell a whole text that nobody sees.
HIDDEN = (
    *range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0x061C, 0x200B, 0x200E, 0x200F,
    *range(0x2028, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A), 0xD800, 0xDFFF, 0xFEFF, 0xFFFE, 0xFFFF,
    0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFFA0, 0xFFF0, 0xFFF8, 0xE0000, 0xE0001, 0xE0041, 0xE007F,
)  # fmt: skip
CANARY = "".join(map(chr, HIDDEN))
STORED = CANARY.replace("\ud800", "").replace("\udfff", "")


def is_visible(response) -> bool:
    return not set(CANARY).intersection(response.get_data(as_text=True))


@pytest.mark.parametrize("character", list(map(chr, HIDDEN)), ids=lambda c: f"{ord(c):04x}")
def test_a_hidden_character_is_written_out(character):
    assert visible(f"a{character}b") == f"a{character.encode('unicode_escape').decode()}b"


@pytest.mark.parametrize(
    "text",
    ["", "a\tb\r\nc", "Grüße, 世界", "👩\u200d🔬", "می\u200cخواهم", "한국", "葛\U000e0100", "❤\ufe0f", "\u00a0\u00ad"],
)
def test_what_people_write_stays_as_it_is(text):
    assert visible(text) == text


def test_a_company_with_a_hidden_name_is_seen_as_it_is(app, store, story):
    tenant = store.add_tenant(a_tenant(name=f"Acme{STORED}"), an_event("tenant.added", connection_id=None))
    connection = story.waiting(tenant)
    visitor = Visitor(app).enter(tenant)

    for page in ("/connections", f"/connect/{connection.id}/step/1", f"/connect/{connection.id}/handover"):
        response = visitor.get(page)
        assert response.status_code == 200
        assert is_visible(response)


@pytest.mark.parametrize(
    "change",
    [
        {"Sid": CANARY},
        {"Action": ["sts:AssumeRole", f"sts:{CANARY}"]},
        {"Principal": {"AWS": [f"arn:aws:iam::{CANARY}"], CANARY: CANARY}},
        {"Condition": {f"StringEquals{CANARY}": {f"sts:{CANARY}": CANARY}}},
        {"Condition": {"StringEquals": {"sts:ExternalId": CANARY}}},
        {"Condition": {"ArnEquals": {"aws:PrincipalArn": [CANARY, "x"]}}},
        {CANARY: CANARY},
        {"Effect": CANARY},
    ],
)
@pytest.mark.parametrize("is_whole", [True, False])
def test_what_a_policy_hides_is_seen_on_its_page(visitor, story, tenant, change, is_whole):
    waiting = story.waiting(tenant)
    trusted = "arn:aws:iam::999988887777:role/northwind-rolecall"
    policy = corrected_policy(ExpectedTrust("aws", "999988887777", trusted, waiting.pinned_external_id))
    policy["Statement"][0] |= change
    role = {"Role": {"Arn": CANARY, "AssumeRolePolicyDocument": policy}}
    pasted = (
        json.dumps(role) if is_whole else json.dumps(role, ensure_ascii=False).translate({0xD800: None, 0xDFFF: None})
    )

    response = visitor.post(f"/connect/{waiting.id}/examine", {"pasted": pasted})

    assert response.status_code == 200
    assert is_visible(response)
