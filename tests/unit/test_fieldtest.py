"""The parts of the field test that need no AWS: what it writes down, what it masks, what its exit code says."""

from __future__ import annotations

import json
import re
import signal

import pytest

from aws.identity import OwnIdentity
from config import PROJECT
from fieldtest import accounts
from fieldtest.facts import FACTS, Findings
from fieldtest.interrupts import Interrupted, Interrupts
from fieldtest.masking import Masker
from fieldtest.pace import TookTooLong, wait_for
from fieldtest.report import exit_code
from fieldtest.state import Journey, Kind, NoState, Side, State

JOURNEY = Journey("ft0123456789", "v", "t", "999988887777", "111122223333", "us-east-1")
EXTERNAL_ID = f"ft0123456789-ab12cd34-{'0f' * 16}"


def test_what_is_about_to_be_made_is_in_the_file_before(tmp_path):
    state = State(tmp_path / "state.json", JOURNEY)

    state.intend(Kind.BUCKET, Side.VENDOR, "b")
    state.intend(Kind.ROLE, Side.TENANT, "r")
    state.intend(Kind.ROLE, Side.TENANT, "r")

    read = State.load(state.path)
    assert read.journey == JOURNEY
    assert [(thing.kind, thing.side, thing.name) for thing in read.left] == [
        (Kind.ROLE, Side.TENANT, "r"),
        (Kind.BUCKET, Side.VENDOR, "b"),
    ]


def test_the_file_goes_when_all_is_removed_and_not_before(tmp_path):
    state = State(tmp_path / "state.json", JOURNEY)
    state.intend(Kind.BUCKET, Side.VENDOR, "b")
    state.forget()
    assert State.load(state.path).left == state.left

    state.removed(state.left[0])
    state.forget()

    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NoState):
        State.load(state.path)


def test_the_state_file_holds_no_credentials(tmp_path):
    state = State(tmp_path / "state.json", JOURNEY)
    state.intend(Kind.BUCKET, Side.VENDOR, "b")

    assert set(json.loads(state.path.read_text())["journey"]) == set(Journey.__annotations__)


MASKED = [
    ("111122223333", "account-B"),
    ("account 1111-2222-3333.", "account account-B."),
    ("arn:aws:iam::999988887777:role/x", "arn:aws:iam::account-A:role/x"),
    ("444455556666 and 444455556666", "account-1 and account-1"),
    (f"ID {EXTERNAL_ID}", "ID external-ID-1"),
    (EXTERNAL_ID.upper(), "external-ID-1"),
    ("(Request ID: 0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f)", "(Request ID: ID-1)"),
    ("AROAABCDEFGHIJKLMNOPQ:me", "principal-ID-1:me"),
    ("from 203.0.113.7", "from host-1"),
    ("1234567890123", "1234567890123"),
    (f"%3D{EXTERNAL_ID}&", "%3external-ID-1&"),
    ("%7C0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f?", "%7CID-1?"),
    ("%7c0A1B2C3D-0A1B-0A1B-0A1B-0A1B2C3D4E5F", "%7cID-1"),
    ("%3A111122223333%3A, %20111122223333", "%3Aaccount-B%3A, %20account-B"),
]


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_what_names_an_account_or_a_request_is_masked_wherever_it_stands(text, masked):
    masker = Masker({"999988887777": "account-A", "111122223333": "account-B"})

    assert masker.text(text) == masked
    assert masker.value({"a": [text, {"b": text}], "n": 1}) == {"a": [masked, {"b": masked}], "n": 1}


def test_the_same_stays_the_same_and_another_gets_another_name():
    masker = Masker({})

    assert masker.text("111122223333 444455556666 1111-2222-3333") == "account-1 account-2 account-1"


def test_the_exit_code_tells_a_fact_that_differs_from_one_that_was_not_seen():
    findings = Findings()
    assert exit_code(findings) == 2
    for name, fact in FACTS.items():
        findings.note(name, True if fact.is_needed else None, "seen")
    assert exit_code(findings) == 0
    findings.note("sts-gone", False, "it still answers")
    assert exit_code(findings) == 1


def test_only_facts_of_ours_are_noted():
    with pytest.raises(KeyError):
        Findings().note("novelty", True, "")


def test_waiting_ends():
    with pytest.raises(TookTooLong):
        wait_for("it", lambda: None, seconds=0.01, every=0.001)


def test_one_signal_ends_the_test_and_one_more_does_not_end_the_cleaning():
    said: list[str] = []
    interrupts = Interrupts(said.append)
    before = signal.getsignal(signal.SIGINT)
    with interrupts.caught():
        with pytest.raises(Interrupted):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        assert len(said) == 1
        with pytest.raises(Interrupted):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


ROLE_SESSION = "arn:aws:sts::999988887777:assumed-role/rolecall/me"
TENANT_SESSION = "arn:aws:sts::111122223333:assumed-role/admin/me"
UNSAFE = [
    (ROLE_SESSION, "arn:aws:iam::111122223333:root", "root user"),
    ("arn:aws:iam::999988887777:root", TENANT_SESSION, "root user"),
    (ROLE_SESSION, "arn:aws-cn:sts::111122223333:assumed-role/admin/me", "across partitions"),
    (ROLE_SESSION, "arn:aws:iam::999988887777:user/me", "the same account"),
    ("arn:aws:iam::999988887777:user/me", TENANT_SESSION, "a profile of a role"),
]


@pytest.mark.parametrize(("vendor", "tenant", "why"), UNSAFE)
def test_the_test_does_not_begin_with_credentials_that_it_is_not_safe_with(monkeypatch, tmp_path, vendor, tenant, why):
    (tmp_path / "credentials").write_text("[v]\naws_access_key_id=k\naws_secret_access_key=s\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    who = iter([vendor, tenant])
    monkeypatch.setattr(accounts, "who_am_i", lambda sts: (arn := next(who)) and OwnIdentity(arn.split(":")[4], arn))

    with pytest.raises(accounts.CannotRun, match=why):
        accounts.open_accounts(vendor_profile="v", tenant_profile="v", region="us-east-1")


def test_a_region_that_nobody_knows_is_refused_before_anybody_is_asked(monkeypatch, tmp_path):
    (tmp_path / "credentials").write_text("[v]\naws_access_key_id=k\naws_secret_access_key=s\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))

    with pytest.raises(accounts.CannotRun, match="cannot be used"):
        accounts.open_accounts(vendor_profile="v", tenant_profile="v", region="moon-1")


def test_every_fact_is_in_the_documentation_in_the_same_words():
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", (PROJECT / "docs" / "field-test.md").read_text(), re.MULTILINE)
    unsure = " (AWS might show nothing of it)"

    assert [
        (name, said.removesuffix(unsure).replace("&lt;", "<"), not said.endswith(unsure)) for name, said in rows
    ] == [(name, fact.assumption, fact.is_needed) for name, fact in FACTS.items()]
