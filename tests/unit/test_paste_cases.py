"""What people really paste into the examiner is read, or recognised for what it is, with the way to the right thing."""

from __future__ import annotations

import json

import pytest

from config import PROJECT
from onboarding.policy.json_text import Unreadable
from onboarding.trust.judgement import TrustVerdict
from onboarding.trust.pasted import read_pasted
from onboarding.trust.pasted_json import PastedRole
from tests.builders import ROLE_ARN
from tests.unit.pasted_roles import RIGHT, of, role, text, with_principal

CASES = [json.loads(line) for line in (PROJECT / "tests/cases/paste.jsonl").read_text("utf-8").splitlines()]
# Where the answer says the same in other words than the case: case -> the words of ours.
IN_OTHER_WORDS: dict[str, dict[str, str]] = {}
# What the cases call fine is exact; what differs is anything but that.
FINE, UNREADABLE = {"exact"}, {"unreadable"}
VERDICTS = {"fine": FINE, "unreadable": UNREADABLE, "differs": {*TrustVerdict} - FINE - UNREADABLE}

ONE_LINE = json.dumps(RIGHT)
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
STATE = {
    "version": 4,
    "resources": [
        {"type": "aws_iam_role", "instances": [{"attributes": {"arn": ROLE_ARN, "assume_role_policy": ONE_LINE}}]},
        {"type": "aws_iam_role", "instances": [{"attributes": {"arn": ROLE_ARN + "x", "assume_role_policy": "{}"}}]},
    ],
}


DENY = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}
DENIED = (
    "An error occurred (AccessDenied) when calling the GetRole operation: User: arn:aws:iam::111122223333:user/ana "
    "is not authorized to perform: iam:GetRole on resource: role northwind-7kq2m9xd"
)


def organization_policy(kind):
    """Return what `aws organizations describe-policy` prints."""
    return text({"Policy": {"PolicySummary": {"Type": kind, "Name": "x"}, "Content": json.dumps({"Statement": []})}})


def numbered(written, mark):
    return "\n".join(f"{number:>3}{mark}{line}" for number, line in enumerate(written.splitlines(), start=7))


def quoted(written, mark):
    return "\n".join(mark + line for line in written.splitlines())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_case_gets_the_verdict_and_the_words_that_it_should(case):
    found = of(case["text"])
    said = " ".join([*found.sentences, *(line.note for line in found.lines)]).lower()

    assert found.verdict in VERDICTS[case["expected"]["verdict"]], found.sentences
    for words in case["expected"]["says"]:
        assert IN_OTHER_WORDS.get(case["name"], {}).get(words, words).lower() in said


def test_every_word_of_ours_belongs_to_a_case():
    assert {*IN_OTHER_WORDS} <= {case["name"] for case in CASES}
    assert len(CASES) == 56


@pytest.mark.parametrize(
    ("raw", "understood_as"),
    [
        (text(role()), "get-role"),
        (text(RIGHT), "policy"),
        (text(role()["Role"]), "role"),
        (text({"Roles": [role()["Role"]]}), "list-roles"),
        (text({"RoleDetailList": [role()["Role"]], "Policies": []}), "list-roles"),
        (text(STATE), "terraform-state"),
        (numbered(text(role()), " "), "get-role"),
        (numbered(text(role()), ": "), "get-role"),
        (numbered(text(role()), "\t"), "get-role"),
        ("Look:\n" + quoted(text(role()), "> ") + "\nWhat is wrong?", "get-role"),
        (quoted(text(role()), ">> "), "get-role"),
        (quoted(text(role()), "&gt; "), "get-role"),
        (quoted(text(role()), "+"), "get-role"),
        (quoted(text(role()), "# "), "get-role"),
        (quoted(text(role()), "| "), "get-role"),
        (text(role()).encode("utf-16"), "get-role"),
        (f"```json\n{text(role())}\n```", "get-role"),
        (text(role()).replace('"', "&quot;").replace(" ", "&nbsp;"), "get-role"),
        (f"C:\\Users\\a>aws iam get-role\n{text(role())}\n\nC:\\Users\\a>", "get-role"),
        (f"{text(role())}\n[ana@box ~]{{main}} $ echo ${{ROLE}}", "get-role"),
        (text(role()).replace('"Path"', '[34;1m"Path"[0m'), "get-role"),
        (text(role()).replace('"Path"', '\x1b[38;5;12m"Path"\x1b[m'), "get-role"),
        (text(role()).replace('"Path"', '--More--\n"Path"'), "get-role"),
        (quoted(numbered(text(role()), " "), "> "), "get-role"),
        (text({"configuration": {"arn": ROLE_ARN, "assumeRolePolicyDocument": ONE_LINE}}), "role"),
        (f"Here is the policy: {text(RIGHT)}", "policy"),
        (f"policy = {text(RIGHT)}", "policy"),
        (f"x => {text(role())}", "get-role"),
        (f"trust.json: {text(RIGHT)}\nRegards, {{ana}}", "policy"),
        (f"ana {{main}} $ find . -exec cat {{}} \\;\n{text(RIGHT)}", "policy"),
        ("localhost | SUCCESS => " + text({"changed": False, "iam_roles": [role()["Role"]]}), "role"),
        (f"AssumeRolePolicyDocument: {text(RIGHT)}", "policy"),
        (f"AssumeRolePolicyDocument: {ONE_LINE}", "policy"),
        (numbered(text(role()), " | "), "get-role"),
        (numbered(text(role()), "   │ "), "get-role"),
        (numbered(text(role()), " : "), "get-role"),
    ],
)
def test_the_role_is_read_in_every_form_with_only_one_meaning(raw, understood_as):
    found = read_pasted(raw, role_arn=ROLE_ARN)

    assert isinstance(found, PastedRole), found
    assert found.understood_as == understood_as
    assert found.role_arn in (ROLE_ARN, "")
    assert (of(raw).verdict, of(raw).understood_as) == (TrustVerdict.EXACT, understood_as)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("An error occurred (AccessDenied) when calling the GetRole operation", "not_allowed"),
        ("An error occurred (RequestExpired) when calling the GetRole operation", "wrong_clock"),
        ("Unable to locate credentials. You can configure credentials by running \"aws configure\".", "signed_out"),
        ("The config profile (prod) could not be found", "no_profile"),
        ('Could not connect to the endpoint URL: "https://iam.amazonaws.com/"', "no_network"),
        ("aws : The term 'aws' is not recognized as the name of a cmdlet", "no_cli"),
        ("Arn                      : arn:aws:iam::1:role/x\nAssumeRolePolicyDocument : %7B%22Version", "powershell"),
        ("An error occurred (ValidationError) when calling the GetRole operation: The specified value", "wrong_name"),
        ("An error occurred (ServiceFailure) when calling the GetRole operation", "throttled"),
        ("Error loading SSO Token: Token for acme does not exist", "signed_out"),
        ("ROLE    arn:aws:iam::1:role/x    2030", "text"),
        ("assume_role_policy_document: \"{{ lookup('file', 'x.json') }}\"", "yaml"),
        ("const role = new iam.Role(this, 'Role', { assumedBy: x })", "source_code"),
        ('{Version: "2012-10-17", Statement: []}', "bare_names"),
        ("null\n", "nothing"),
        (text({"Policy": {"Arn": "x"}}), "list_of_policies"),
        (text({"Statement": [{"Effect": "Allow", "Action": "*", "NotResource": "x"}]}), "permissions_policy"),
        (text({"Statement": [{"Effect": "Deny", "Action": "*", "NotResource": "x"}]}), "service_control_policy"),
        (text({"Statement": [DENY]}), "resource_control_policy"),
        (text({"Statement": [{**DENY, "Effect": "Allow", "Action": "*"}]}), "resource_control_policy"),
        (organization_policy("SERVICE_CONTROL_POLICY"), "service_control_policy"),
        (organization_policy("RESOURCE_CONTROL_POLICY"), "resource_control_policy"),
        (text(role({**RIGHT, "Statement": {"Fn::Sub": "x"}})), "template"),
        (text(with_principal({"AWS": {"Fn::Sub": "arn:aws:iam::${Vendor}:root"}})), "template"),
        (text(role(with_principal({"AWS": [{"Ref": "Vendor"}]}))), "template"),
        (text(role({"Ref": "Policy"})), "template"),
        (text(role(with_principal({"AWS": "arn:aws:iam::************:root"}))), "masked"),
        (text(with_principal({"AWS": "************"})), "masked"),
        (text(role(with_principal({"AWS": ["arn:aws:iam::XXXXXXXXXXXX:role/x"]}))), "masked"),
        (text(role(arn="arn:aws:iam::xxxxxxxxxxxx:role/northwind-7kq2m9xd")), "masked"),
        (text(role())[:400] + "...", "incomplete"),
        (text(role())[:380].rstrip() + "\n  …\n", "incomplete"),
        (text(RIGHT)[:-4] + " [...]", "incomplete"),
        ('Connect timeout on endpoint URL: "https://iam.amazonaws.com/"', "no_network"),
        ('Read timeout on endpoint URL: "https://iam.amazonaws.com/"', "no_network"),
        ('Failed to connect to proxy URL: "http://proxy:3128"', "no_network"),
        ("sh: 1: aws: not found", "no_cli"),
        ("aws: [ERROR]: An error occurred (ParamValidation): the following arguments are required", "usage"),
        ("aws: [ERROR]: An error occurred (NoSuchEntity) when calling the GetRole operation", "no_such_role"),
        ("No region specified or obtained from persisted/shell defaults.", "no_region"),
        ("Get-IAMRole : No credentials specified or obtained from persisted/shell defaults.", "signed_out"),
        ("Get-IAMRole : The role with name x cannot be found.", "no_such_role"),
        (f"{DENIED} because no identity-based policy allows the iam:GetRole action", "not_allowed"),
        (f"{DENIED} with an explicit deny in a service control policy", "not_allowed_here"),
        (f"{DENIED} because no service control policy allows the iam:GetRole action", "not_allowed_here"),
        (f"{DENIED} with an explicit deny in an identity-based policy", "denied"),
        (f"{DENIED} with an explicit deny", "denied"),
        (text(role()).replace("northwind-7kq2m9xd", "northwind-\n7kq2m9xd"), "not_json"),
        ("<GetRoleResponse><GetRoleResult><Role>", "xml"),
        (text(role()).replace('"Path": "/",', '"Path": "/", // the path'), "comments"),
        (text(role()).replace('"Path": "/",', '# the path\n"Path": "/",'), "comments"),
        (text(role()).replace('"', "'"), "single_quotes"),
        (text({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}), "template"),
        (text({"TemplateBody": {}}), "template"),
        (text({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": RIGHT}}), "template"),
        (text({"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": RIGHT}}}), "template"),
        ("Arn: arn:aws:iam::1:role/x\nPath: /\n", "yaml"),
        (quoted(text(role()), "12:00:01 "), "not_json"),
        (text({"Account": "111122223333", "UserId": "AIDA", "Arn": "x"}), "identity"),
        (text({"PolicyNames": []}), "list_of_policies"),
        (text(RIGHT["Statement"]), "statement_list"),
        (text({"Roles": [role()["Role"], role(arn=ROLE_ARN + "x")["Role"]]}).replace(ROLE_ARN, "arn:z"), "which_role"),
        (text(role())[text(role()).index("Statement") :], "no_beginning"),
        (f"$ export AWS_SECRET_ACCESS_KEY={SECRET}\n{text(role())}", "access_key"),
        (f'{text(role())}\n{{"AccessKeyId": "ASIAIOSFODNN7EXAMPLE"}}', "access_key"),
        (f"aws_session_token = IQoJb3JpZ2luX2VjEJr{'A' * 200}", "access_key"),
    ],
)  # fmt: skip
def test_the_rest_is_recognised_for_what_it_is(raw, code):
    found = read_pasted(raw, role_arn=ROLE_ARN)

    assert isinstance(found, Unreadable), found
    assert found.code == code
    assert found.sentence


@pytest.mark.parametrize(
    ("left_out", "named", "verdict"),
    [
        ((), "northwind-7kq2m9xd", "exact"),
        (("Arn",), "northwind-7kq2m9xd", "exact"),
        (("Arn",), "another", "other_role"),
        (("Arn",), None, "exact"),
    ],
)
def test_without_an_arn_the_roles_name_tells_whether_it_is_another_one(left_out, named, verdict):
    printed = {**role()["Role"], "RoleName": named}
    shown = {"Role": {name: value for name, value in printed.items() if name not in left_out}}

    assert of(text(shown)).verdict == verdict
    if verdict == "other_role":
        assert "another" in of(text(shown)).sentences[0]


def test_who_can_help_is_said_of_a_refusal():
    assert (
        "administrator of your AWS organization"
        in of(f"{DENIED} with an explicit deny in a service control policy").sentences[0]
    )
    for reason in ("", " in an identity-based policy"):
        said = of(f"{DENIED} with an explicit deny{reason}").sentences[0]
        assert "administrator" in said
        assert "right iam:GetRole" not in said


def test_what_stands_in_the_state_of_another_role_does_not_count():
    found = of(text({"resources": [*STATE["resources"][1:], STATE["resources"][0]]}))

    assert found.verdict is TrustVerdict.EXACT


def test_a_value_that_holds_itself_is_answered():
    endless: dict[str, object] = {}
    endless["again"] = endless

    assert isinstance(read_pasted(endless, role_arn=None), Unreadable)
