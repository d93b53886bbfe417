"""What people paste instead of a role as AWS prints it, told by what stands in it, and how to get the right thing.

The messages are those of the AWS CLI, of botocore and of STS and IAM:
https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-troubleshooting.html,
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html.
"""

from __future__ import annotations

import re

from onboarding.ground.wording import Text, say, together
from onboarding.policy.json_text import Unreadable

_AS_JSON = say("Run the command with --output json, and paste all that it prints.")
_FROM_AWS = say("Paste what the command prints: the role as AWS has it, which can differ from its source.")
_SIGN_IN = say("Sign in again, for example with aws sso login, or run the command in AWS CloudShell.")

# The first one that fits counts: what AWS or a shell answered, then other notations, then what is left.
_KNOWN: tuple[tuple[re.Pattern[str], str, Text], ...] = (
    (
        re.compile(r"NoSuchEntity|[Rr]ole with name [\w+=,.@-]{1,64} cannot be found"),
        "no_such_role",
        say(
            "AWS says that there is no such role in the account you are signed in to. "
            "Compare the account and the role’s name, capital and small letters too."
        ),
    ),
    (
        re.compile(r"permissions? to use CloudShell|Unable to start the environment"),
        "no_cloudshell",
        say("AWS did not open CloudShell for you. Use the AWS CLI on your machine, or ask a colleague who has it."),
    ),
    (
        re.compile(r"(?:explicit deny in (?:an? |the )?|because no )(?:service|resource) control policy"),
        "not_allowed_here",
        say(
            "A policy of your AWS organization does not let you read the role, and no right in this account helps: "
            "ask the administrator of your AWS organization."
        ),
    ),
    (
        re.compile(r"explicit deny"),
        "denied",
        say(
            "A policy denies you reading the role, so that a further right does not help: "
            "ask the administrator of your AWS account, who can change that policy or read the role for you."
        ),
    ),
    (
        re.compile(r"AccessDenied|not authorized to perform|UnauthorizedOperation"),
        "not_allowed",
        say("AWS did not let you read the role: ask a colleague who has the right iam:GetRole."),
    ),
    (
        re.compile(
            r"Throttling|Rate exceeded|TooManyRequests|RequestLimitExceeded|"
            r"ServiceFailure|ServiceUnavailable|InternalFailure"
        ),
        "throttled",
        say("AWS was busy, or was asked too often. Wait a minute, and run the command again."),
    ),
    (
        re.compile(r"SignatureDoesNotMatch|Signature expired|RequestExpired|RequestTimeTooSkewed"),
        "wrong_clock",
        say(
            "AWS did not take the signature: the key is not complete, or your machine’s clock is wrong. "
            "Run the command in AWS CloudShell."
        ),
    ),
    (
        re.compile(
            r"ExpiredToken|InvalidClientTokenId|UnrecognizedClient|AuthFailure|Unable to locate credentials|"
            r"[Tt]oken has expired|session associated with this profile|aws sso login|security token included|"
            r"NoCredentials|Partial credentials|SSO (?:session|[Tt]oken|access|configuration)|[Pp]lease (?:re)?log ?in|"
            r"No credentials specified|RefreshError|UnauthorizedSSOToken"
        ),
        "signed_out",
        together(say("The AWS CLI is not signed in."), _SIGN_IN),
    ),
    (
        re.compile(r"config profile \(|ProfileNotFound"),
        "no_profile",
        say("The AWS CLI does not know that profile. Run the command in AWS CloudShell, which needs none."),
    ),
    (
        re.compile(r"\(ValidationError\)|\(InvalidInput\)"),
        "wrong_name",
        say("AWS did not take the role’s name. Copy the command as it stands, with the name behind --role-name."),
    ),
    (
        re.compile(r"You must specify a region|No region specified|NoRegion"),
        "no_region",
        say("The AWS CLI knows no region. Add --region us-east-1 to the command: roles are the same in every region."),
    ),
    (
        re.compile(
            r"Could not connect to the endpoint|(?:Connect|Read) timeout on endpoint|Failed to connect to proxy|"
            r"EndpointConnectionError|ProxyConnection|SSL validation failed"
        ),
        "no_network",
        say("The AWS CLI could not reach AWS from there. Run the command in AWS CloudShell."),
    ),
    (
        re.compile(
            r"^usage: aws|aws: error|aws\.exe: error|Unknown options:|Invalid choice|Parameter validation failed|"
            r"\(ParamValidation\)",
            re.M,
        ),
        "usage",
        say("The AWS CLI did not understand the command. Copy all of it, with --role-name and the name behind it."),
    ),
    (
        re.compile(r"command not found|\baws: not found|not recognized as|CommandNotFoundException"),
        "no_cli",
        say("There is no AWS CLI there: use CloudShell in the AWS console."),
    ),
    (
        re.compile(r"resource \"aws_|data \"aws_|jsonencode\(|assume_role_policy {0,40}=|Terraform will perform"),
        "terraform",
        together(say("That is Terraform’s source or plan, not the role."), _FROM_AWS),
    ),
    (
        re.compile(r"^AssumeRolePolicyDocument {0,40}: %|Get-IAMRole\b", re.M),
        "powershell",
        say("That is a list of PowerShell’s. Add | ConvertTo-Json to the command, or use the AWS CLI."),
    ),
    (
        re.compile(r"\"AWSTemplateFormatVersion\"|\"Type\" ?: ?\"AWS::"),
        "template",
        together(say("That is a CloudFormation template, not the role."), _FROM_AWS),
    ),
    (
        re.compile(r"^[ \t]*(?:AWSTemplateFormatVersion|Type: ?[\"']?AWS::)|: ?!(?:Sub|Ref|GetAtt|Join)\b", re.M),
        "template",
        together(say("That is a CloudFormation template in YAML, not the role."), _FROM_AWS),
    ),
    (
        re.compile(
            r"^[ \t]*(?:- )?(?:Roles?|Arn|RoleName|AssumeRolePolicyDocument|Statement|PolicyDocument|"
            r"assume_role_policy(?:_document)?):",
            re.M,
        ),
        "yaml",
        together(say("That is YAML."), _AS_JSON),
    ),
    (
        re.compile(r"^(?:ROLE|ASSUMEROLEPOLICYDOCUMENT|STATEMENT|PRINCIPAL)(?:\t|  )", re.M),
        "text",
        together(say("That is the CLI’s text form, which leaves out what belongs together."), _AS_JSON),
    ),
    (re.compile(r"^[|+ ]{0,4}-{5,}", re.M), "table", together(say("That is a table."), _AS_JSON)),
    (re.compile(r"<(?:\?xml|GetRoleR|Role>|AssumeRoleP)"), "xml", together(say("That is XML."), _AS_JSON)),
    (
        re.compile(r"\\\"(?:Role|Version|Statement|AssumeRolePolicyDocument)\\\""),
        "escaped",
        say(
            "Every quotation mark in it has a backslash before it: that is JSON inside another text. "
            "Paste what the command printed itself."
        ),
    ),
    (
        re.compile(r"\bnew (?:aws\.)?iam\.|import boto3|PolicyStatement\("),
        "source_code",
        together(say("That is a program’s source, not the role."), _FROM_AWS),
    ),
    (
        re.compile(r"[{,]\s*'(?:Role|Version|Statement|Sid|Effect|Principal|AssumeRolePolicyDocument)'"),
        "single_quotes",
        together(say("It has single quotation marks, as Python prints them; JSON has double ones."), _AS_JSON),
    ),
    (
        re.compile(r"^[ \t]*(?://|/\*)|^[ \t]+#|[{\[,\]}\"][ \t]*(?://|/\*|#)", re.M),
        "comments",
        say("There are comments in it, which JSON does not have. Paste the policy without them."),
    ),
    (
        re.compile(r"[{,]\s*(?:Role|Version|Statement|AssumeRolePolicyDocument)\s*:"),
        "bare_names",
        together(say("The names in it have no quotation marks; JSON’s have."), _AS_JSON),
    ),
    (
        re.compile(r"\A\s*(?:null|None)\s*\Z"),
        "nothing",
        say("The command found nothing. Copy it as it stands, without --query, and run it again."),
    ),
    (
        re.compile(r"Trusted entities|Entities that can assume this role"),
        "console_page",
        say("That is the page’s text, not the policy. Press Edit trust policy there, and copy what stands in the box."),
    ),
    (
        re.compile(r"^[ \t]*\"?arn:aws", re.M),
        "an_arn",
        say("That is an ARN, not the role’s policy: paste what the command printed."),
    ),
)


def recognised(text: str) -> Unreadable | None:
    """Return what the text is instead of a role in JSON, and how to get that; None if we do not know it."""
    return next((Unreadable(code, sentence) for known, code, sentence in _KNOWN if known.search(text)), None)
