"""ResponseURLs that lead, or seem to lead, somewhere else than to CloudFormation's bucket: by what they try."""

from __future__ import annotations

from urllib.parse import quote

from tests.stack_events import QUERY, REQUEST, TOPICS, a_host, a_response_url, a_stack_id

GOOD = a_response_url(a_stack_id())
HOST = a_host()
PATH = GOOD.removeprefix(f"https://{HOST}").partition("?")[0]
BUCKET = "cloudformation-custom-resource-response-useast1"


def _at(authority: str) -> str:
    return f"https://{authority}{PATH}?{QUERY}"


def _path(key: str) -> str:
    return f"https://{HOST}/{key}?{QUERY}"


def _key(*, stack_id: str = "", logical_id: str = TOPICS.logical_id, request_id: str = REQUEST) -> str:
    return quote(f"{stack_id or a_stack_id()}|{logical_id}|{request_id}")


HOSTILE: dict[str, str] = {
    "nothing": "",
    "no scheme": GOOD.removeprefix("https:"),
    "http": GOOD.replace("https:", "http:"),
    "ftp": GOOD.replace("https:", "ftp:"),
    "file": f"file://{PATH}",
    "file of the host": GOOD.replace("https:", "file:"),
    "data": "data:text/plain,hello",
    "gopher": GOOD.replace("https:", "gopher:"),
    "upper-case scheme": GOOD.replace("https", "HTTPS"),
    "upper-case host": _at(HOST.upper()),
    "one slash": GOOD.replace("https://", "https:/"),
    "three slashes": GOOD.replace("https://", "https:///"),
    "backslashes": GOOD.replace("https://", "https:\\\\"),
    "backslash before the host": _at(f"evil.example\\{HOST}"),
    "backslash after the host": _at(f"{HOST}\\@evil.example"),
    "blank before": f" {GOOD}",
    "blank after": f"{GOOD} ",
    "newline before": f"\n{GOOD}",
    "newline after": f"{GOOD}\n",
    "newline in the scheme": GOOD.replace("https", "ht\ntps"),
    "newline in the host": GOOD.replace(".s3.", ".\ns3."),
    "carriage return and header": GOOD.replace("?", "?a\r\nHost: evil.example\r\n"),
    "tab in the host": GOOD.replace(".s3.", ".\ts3."),
    "NUL after the host": _at(f"{HOST}\0.evil.example"),
    "encoded NUL": _at(f"{HOST}%00.evil.example"),
    "encoded newline in the query": f"{GOOD}&a=%0",
    "zero-width space": GOOD.replace(".s3.", ".\u200bs3."),
    "right-to-left mark": GOOD.replace(".s3.", "\u202e.s3."),
    "lone surrogate": GOOD.replace(".s3.", "\ud800.s3."),
    "userinfo": _at(f"{HOST}@evil.example"),
    "userinfo with a password": _at(f"{HOST}:443@evil.example"),
    "empty userinfo": _at(f"@{HOST}"),
    "other userinfo": _at(f"user@{HOST}"),
    "encoded at": _at(f"{HOST}%40evil.example"),
    "port": _at(f"{HOST}:8443"),
    "default port": _at(f"{HOST}:443"),
    "empty port": _at(f"{HOST}:"),
    "suffix": _at(f"{HOST}.evil.example"),
    "suffix without a dot": _at(f"{HOST}evil.example"),
    "prefix": _at(f"evil-{HOST}"),
    "sub-domain": _at(f"evil.{HOST}"),
    "trailing dot": _at(f"{HOST}."),
    "only a prefix of the host": _at(BUCKET),
    "look-alike bucket": _at("cloudformation-custom-resource-responses-useast1.s3.amazonaws.com"),
    "look-alike bucket with a dot": _at("cloudformation-custom-resource-response.useast1.s3.amazonaws.com"),
    "bucket with a zero": _at("cl0udformation-custom-resource-response-useast1.s3.amazonaws.com"),
    "homoglyph": GOOD.replace("amazonaws", "\u0430mazonaws"),
    "full-width dot": GOOD.replace(".amazonaws", "\uff0eamazonaws"),
    "IDN": _at("xn--mazonaws-yyi.com"),
    "look-alike domain": _at(f"{BUCKET}.s3.arnazonaws.com"),
    "other domain of AWS": _at(f"{BUCKET}.s3.amazonaws.com.cn"),
    "bucket of S3's website": _at(f"{BUCKET}.s3-website-us-east-1.amazonaws.com"),
    "accelerated bucket": _at(f"{BUCKET}.s3-accelerate.amazonaws.com"),
    "dual stack": _at(f"{BUCKET}.s3.dualstack.us-east-1.amazonaws.com"),
    "path style": f"https://s3.amazonaws.com/{BUCKET}{PATH}?{QUERY}",
    "bucket of another region": _at(a_host("eu-west-1")),
    "bucket of another region, host of ours": _at(
        "cloudformation-custom-resource-response-euwest1.s3.us-east-1.amazonaws.com"
    ),
    "loopback": _at("127.0.0.1"),
    "loopback by name": _at("localhost"),
    "loopback as a number": _at("2130706433"),
    "IPv6": _at("[::1]"),
    "IPv6 that embeds IPv4": _at("[::ffff:127.0.0.1]"),
    "instance metadata": _at("169.254.169.254"),
    "instance metadata, its path": "https://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "redirector": f"https://evil.example/?to={quote(GOOD, safe='')}",
    "redirector in AWS": f"https://signin.aws.amazon.com/oauth?redirect_uri={quote(GOOD, safe='')}",
    "fragment": f"{GOOD}#evil",
    "fragment for a query": GOOD.replace("?", "#"),
    "fragment in the host": _at(f"evil.example#{HOST}"),
    "no path": f"https://{HOST}?{QUERY}",
    "empty path": f"https://{HOST}/?{QUERY}",
    "no query": GOOD.partition("?")[0],
    "empty query": f"{GOOD.partition('?')[0]}?",
    "second question mark": f"{GOOD}?x",
    "query with quotes": f"{GOOD}&a='",
    "query with a slash": f"{GOOD}&a=/",
    "other stack": _path(_key(stack_id=a_stack_id(name="victim"))),
    "other stack of that name": _path(_key(stack_id=a_stack_id(unique="00000000-0000-0000-0000-000000000000"))),
    "stack of another account": _path(_key(stack_id=a_stack_id(account="210987654321"))),
    "other resource": _path(_key(logical_id="Other")),
    "other request": _path(_key(request_id="00000000-0000-0000-0000-000000000000")),
    "doubly encoded": _path(_key().replace("%", "%25")),
    "lower-case encoding": _path(_key().lower()),
    "bare pipes": _path(_key().replace("%7C", "|")),
    "dot segments": _path(f"../{_key()}"),
    "dot segments after": _path(f"{_key()}/../x"),
    "encoded dot segments": _path(f"%2e%2e/{_key()}"),
    "double slash": _path(f"/{_key()}"),
    "longer path": _path(f"{_key()}/x"),
    "parameters of a path": _path(f"{_key()};x"),
    "too long": f"{GOOD}&a={'x' * 2_048}",
    "far too long": f"{GOOD}&a={'x' * 1_000_000}",
}
