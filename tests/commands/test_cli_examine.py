"""Policies, pastes and answers are judged on the command line as in the wizard; nothing else has to be set up."""

from __future__ import annotations

import io
import json
import logging

import pytest
from click.testing import CliRunner

from commands import command_line
from commands.examine import LARGEST_INPUT
from onboarding.ground.arn import parse_role_arn
from onboarding.trust.expected import ExpectedTrust, corrected_policy
from tests.builders import EXTERNAL_ID, ROLE_ARN
from tests.commands.operator import Operator

PRINCIPAL = "arn:aws:iam::999988887777:role/northwind-rolecall"
RIGHT = corrected_policy(ExpectedTrust.of(parse_role_arn(PRINCIPAL), EXTERNAL_ID))
[STATEMENT] = RIGHT["Statement"]
LOOSE = {**RIGHT, "Statement": [{**STATEMENT, "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}}]}
REFUSED = {**RIGHT, "Statement": [{**STATEMENT, "Principal": "*"}]}
SHUT = {**RIGHT, "Statement": [{**STATEMENT, "Effect": "Deny"}]}
NAMES = {"verdict", "lets_us_in", "loose", "witness", "sentences"}


@pytest.fixture
def run():
    """The trusted principal is all that is configured: no store, no address, no credentials."""
    return Operator({"ROLECALL_TRUSTED_PRINCIPAL_ARN": PRINCIPAL})


@pytest.fixture
def file(tmp_path):
    def written(content, *, encoding="utf-8"):
        path = tmp_path / "input"
        path.write_bytes((content if isinstance(content, str) else json.dumps(content)).encode(encoding))
        return str(path)

    return written


@pytest.fixture
def judged(run, file):
    def judged(kind, content, *options, code=1):
        return json.loads(run("examine", kind, file(content), "--json", *options, code=code).stdout)

    return judged


WITH_ID = ("--external-id", EXTERNAL_ID)


@pytest.mark.parametrize(
    ("policy", "verdict", "lets_us_in", "loose"),
    [
        (RIGHT, "exact", True, False),
        (LOOSE, "loose", True, True),
        (SHUT, "shut", False, False),
        (REFUSED, "refused_by_aws", False, False),
        ({**RIGHT, "Statement": []}, "refused_by_aws", False, False),
        ("no policy", "unreadable", None, None),
    ],
)
def test_a_trust_policy_gets_the_verdict_that_comes_first(judged, policy, verdict, lets_us_in, loose):
    found = judged("trust", policy, *WITH_ID, code=0 if verdict == "exact" else 1)

    assert found.keys() == NAMES
    assert (found["verdict"], found["lets_us_in"], found["loose"]) == (verdict, lets_us_in, loose)
    assert found["sentences"]


def test_a_loose_policy_shows_who_gets_in_and_an_exact_one_nobody(judged):
    witness = judged("trust", LOOSE, *WITH_ID)["witness"]

    assert witness.keys() == {"kind", "arn", "account_id", "external_id", "actions", "keys", "statement"}
    assert (witness["account_id"], witness["statement"]) == ("999988887777", 1)
    assert witness["actions"][0] == "sts:AssumeRole"
    assert judged("trust", RIGHT, *WITH_ID, code=0)["witness"] is None


def test_people_read_the_verdict_first_and_then_the_sentences(run, file):
    lines = run("examine", "trust", file(LOOSE), *WITH_ID, code=1).stdout.splitlines()

    assert lines[0] == "Verdict: loose"
    assert len(lines) > 1
    assert run("examine", "trust", file(RIGHT), *WITH_ID).stdout.startswith("Verdict: exact\n")


def test_a_paste_is_judged_as_the_policy_in_it_and_says_what_it_was_understood_as(judged):
    pasted = {"Role": {"Arn": ROLE_ARN, "AssumeRolePolicyDocument": RIGHT}}
    found = judged("paste", f"$ aws iam get-role\n{json.dumps(pasted, indent=4)}\n", *WITH_ID, code=0)

    assert found.keys() == {*NAMES, "understood_as"}
    assert (found["verdict"], found["lets_us_in"], found["loose"]) == ("exact", True, False)
    assert found["understood_as"] == "get-role"


def test_a_paste_of_another_role_than_the_one_that_was_named_is_said_to_be_that(judged):
    pasted = {"Role": {"Arn": ROLE_ARN.replace("111122223333", "444455556666"), "AssumeRolePolicyDocument": RIGHT}}

    assert judged("paste", pasted, *WITH_ID, code=0)["verdict"] == "exact"
    other = judged("paste", pasted, *WITH_ID, "--role-arn", ROLE_ARN)
    assert other["verdict"] == "other_role"
    assert "4444-5555-6666" in other["sentences"][0]


def test_a_paste_that_holds_no_policy_says_what_it_is(judged):
    found = judged("paste", "An error occurred (NoSuchEntity) when calling the GetRole operation", *WITH_ID)

    assert (found["verdict"], found["understood_as"], found["witness"]) == ("unreadable", "no_such_role", None)


def test_an_answer_of_awss_names_its_finding_and_who_must_act(judged, run, file):
    answer = {"Error": {"Code": "ExpiredToken", "Message": "x"}, "ResponseMetadata": {"HTTPStatusCode": 403}}

    assert judged("answer", answer, code=0) == {"code": "vendor_credentials_expired", "who": "vendor"}
    assert judged("answer", {"raised": "NoCredentialsError"}, code=0)["who"] == "vendor"
    assert "vendor" in run("examine", "answer", file(answer)).stdout


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (" because no identity-based policy allows the sts:AssumeRole action", "on our side"),
        (" with an explicit deny in a resource control policy", "on the tenant's side"),
        ("", "the role is not there yet"),
    ],
)
def test_the_sentence_about_a_refusal_agrees_with_whom_aws_points_to(run, file, reason, words):
    message = f"User: x is not authorized to perform: sts:AssumeRole on resource: y{reason}"
    answer = {"Error": {"Code": "AccessDenied", "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 403}}

    *_, sentence = run("examine", "answer", file(answer)).stdout.splitlines()
    assert words in sentence


@pytest.mark.parametrize("kind", ["trust", "paste"])
def test_the_external_id_is_asked_for_where_it_is_needed(run, file, kind):
    assert "--external-id" in run("examine", kind, file(RIGHT), code=2).stderr
    assert "an external ID has" in run("examine", kind, file(RIGHT), "--external-id", "two words", code=2).stderr


def test_the_trusted_principal_can_be_given_instead_of_the_setting(file):
    bare = Operator({"ROLECALL_TRUSTED_PRINCIPAL_ARN_FILE": "/nowhere"})
    other = "arn:aws:iam::444455556666:role/another"

    assert "ROLECALL_TRUSTED_PRINCIPAL_ARN" in Operator({})("examine", "trust", file(RIGHT), *WITH_ID, code=1).stderr
    bare("examine", "trust", file(RIGHT), *WITH_ID, "--trusted-principal-arn", PRINCIPAL)
    bare("examine", "trust", file(RIGHT), *WITH_ID, "--trusted-principal-arn", other, code=1)


def test_a_file_can_come_from_powershell_or_from_stdin(run, file):
    run("examine", "trust", file(json.dumps(RIGHT), encoding="utf-16"), *WITH_ID)
    run("examine", "trust", file(json.dumps(RIGHT), encoding="utf-8-sig"), *WITH_ID)
    piped = CliRunner().invoke(
        command_line, ["examine", "trust", "-", *WITH_ID], obj=run.env, input=io.BytesIO(json.dumps(RIGHT).encode())
    )
    assert piped.exit_code == 0, piped.output


@pytest.mark.parametrize("kind", ["trust", "answer", "paste"])
@pytest.mark.parametrize(
    "content", ["\0", "{", "[" * 60_000, "null", "[]", "5", '"x"', '{"a": {}}', '{"Error": {}}', '{"Statement": [5]}']
)
def test_no_file_makes_it_raise(run, file, kind, content):
    result = CliRunner().invoke(command_line, ["examine", kind, file(content), *WITH_ID, "--json"], obj=run.env)

    assert result.exit_code in (0, 1, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert ("error" in json.loads(result.stdout)) == (result.exit_code == 2)


def test_a_file_that_cannot_be_read_is_refused_in_one_line(run, file, tmp_path):
    assert "not UTF-8" in run("examine", "trust", file("ä", encoding="latin-1"), *WITH_ID, code=1).stderr
    assert "longer than" in run("examine", "trust", file("x" * (LARGEST_INPUT + 1)), *WITH_ID, code=1).stderr
    assert "No such file" in run("examine", "trust", str(tmp_path / "absent"), *WITH_ID, code=2).stderr
    assert run("examine", "trust", str(tmp_path), *WITH_ID, code=2).stderr


def test_an_error_is_json_too_where_json_is_asked_for(run, file, tmp_path):
    bare, policy = Operator({}), file(RIGHT)
    latin, absent = tmp_path / "latin", str(tmp_path / "absent")
    latin.write_bytes("ä".encode("latin-1"))

    for asked, words in (
        (lambda *more, code: run("examine", "trust", policy, *more, code=code), "--external-id"),
        (lambda *more, code: run("examine", "trust", policy, "--external-id", "a b", *more, code=code), "external ID"),
        (lambda *more, code: run("examine", "trust", str(latin), *WITH_ID, *more, code=code), "not UTF-8"),
        (lambda *more, code: run("examine", "trust", absent, *WITH_ID, *more, code=code), "No such file"),
        (lambda *more, code: run("examine", "paste", policy, "--role-arn", "x", *more, code=code), "not a role ARN"),
        (lambda *more, code: run("examine", "nothing", policy, *more, code=code), "nothing"),
        (lambda *more, code: bare("examine", "trust", policy, *WITH_ID, *more, code=code), "TRUSTED_PRINCIPAL"),
        (lambda *more, code: run("examine", "answer", policy, *more, code=code), "An answer has"),
    ):
        printed = asked("--json", code=2)
        assert printed.stderr == ""
        assert json.loads(printed.stdout).keys() == {"error"}
        assert words in json.loads(printed.stdout)["error"]


KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_an_access_key_is_not_printed_again(file, run, monkeypatch, options):
    # Where nobody set up logging, Python itself prints warnings.
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.getLogger("rolecall.aws"), "handlers", [])
    statement = {
        **STATEMENT,
        "Principal": {"AWS": KEY},
        "Sid": f"\n{KEY}",
        "Condition": {f"{KEY}\n{SECRET}": {"a": SECRET}},
    }
    loose = {
        **LOOSE,
        "Statement": [{**LOOSE["Statement"][0], "Condition": {"StringLike": {"sts:ExternalId": f"{KEY}*"}}}],
    }

    for arguments in (
        ("trust", file({**RIGHT, "Statement": [statement]}), *WITH_ID),
        ("trust", file(loose), *WITH_ID),
        ("trust", file(RIGHT), *WITH_ID, "--trusted-principal-arn", KEY),
        ("paste", file(RIGHT), *WITH_ID, "--role-arn", f"arn:{KEY}:iam::111122223333:role/x"),
        ("answer", file({"Error": {"Code": KEY, "Message": KEY}})),
        ("permissions", file({"inline": {KEY: {"Statement": []}}, "attached": [KEY]}), "--role-arn", ROLE_ARN),
        (KEY, file(RIGHT)),
    ):
        printed = CliRunner().invoke(command_line, ["examine", *arguments, *options], obj=run.env)
        assert printed.output
        assert KEY[4:] not in printed.output
        assert SECRET not in printed.output
