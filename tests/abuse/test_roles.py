"""No role, whatever AWS tells of it, costs its worker more than 250 ms, a page 50 ms, or a terminal its screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from aws.budget import Budget
from aws.clients import Clients
from aws.managed_policies import AwsManagedPolicies
from aws.roles import AwsRoles
from onboarding.model import Connection
from onboarding.verification import Verifier
from tests.abuse.house import House
from tests.abuse.measuring import IS_WHOLE, REQUEST_MS, VERIFICATION_MS, Answered, Bench, Making, Preparing, sample
from tests.abuse.roles import OF_OUR_OWN, REACHED_BY, Told, hostile_roles, kept_of_aws
from tests.aws_stub import AwsStub
from tests.commands.operator import Operator, settings_in
from tests.deployed import an_agreement

# A terminal and a page take these for commands, or turn the text around them.
_CODES = (*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
COMMANDS = frozenset(map(chr, _CODES)) - frozenset("\n\t\r")
PAGES = ("status", "step/<number>", "success")


@pytest.fixture
def stub(monkeypatch, tmp_path) -> Iterator[AwsStub]:
    server = AwsStub().start()
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "k")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    yield server
    server.stop()


@pytest.fixture
def verifying(stub, house, store, clock, connected) -> Verifier:
    """The worker's verb on boto3, over HTTP, for the role of `connected`, which was sound until now."""
    clients = Clients(region="us-east-1")
    asking = {"roles": AwsRoles(clients, Budget(1e9)), "managed": AwsManagedPolicies(clients)}
    verifier = Verifier(store=store, **asking, clock=clock, agreement=an_agreement(), jitter=lambda: 0.5)
    stub.behaviour = Told()
    assert verifier.verify(connected).is_connected
    assert house.asks
    return verifier


def verifying_of(
    house: House, verify: Callable[[], Connection], stub: AwsStub, tell: Callable[[float], Told]
) -> Making:
    """Return what gets the role ready to be verified, and measures that."""

    def make(part: float) -> Preparing:
        told = tell(part)

        def prepare() -> Callable[[], Answered]:
            house.restore()
            stub.behaviour = told
            return lambda: answered(verify)

        return prepare

    return make


def answered(verify: Callable[[], Connection]) -> Answered:
    try:
        after = verify()
    except Exception as error:
        return Answered(complaint=f"raises {error!r}"[:200])
    return Answered(f"{after.status} {after.finding_code}")


def chosen() -> Iterator[tuple[str, str, Callable[[float], Told]]]:
    """Every role; or in `make test`, some of each entry, and the only one of an entry."""
    for number, (entry, roles) in enumerate(hostile_roles().items()):
        yield from (
            (entry, shape, tell)
            for shape, tell in sample(roles, one_in=47, of=number, always=IS_WHOLE or len(roles) == 1)
        )


def test_no_role_costs_too_much_or_writes_commands_on_a_terminal(
    house, verifying, stub, connected, store, tables, tmp_path
):
    verifications = tables.setdefault("verifications", Bench(VERIFICATION_MS))
    pages = tables.setdefault("pages about a role", Bench(REQUEST_MS))
    run, found = Operator(settings_in(tmp_path)), []
    for entry, shape, tell in chosen():
        verify = verifying_of(house, lambda: verifying.verify(store.get_connection(connected.id)), stub, tell)
        found.append(verifications.fault(entry, shape, verify))
        # The connection is now as the role at its full size left it.
        for page in PAGES:
            ask = house.of_connection(connected, page)
            found.append(pages.fault(f"{entry} on {page}", shape, lambda part, ask=ask: lambda: house.prepared(ask)))
        printed = "".join(run("connections", "show", connected.id, *form).output for form in ((), ("--json",)))
        found += [f"{entry}: {shape}: {code!a} on a terminal" for code in COMMANDS & set(printed)]

    assert list(filter(None, found)) == []


def test_everything_that_is_kept_of_aws_is_told_by_a_hostile_role():
    assert kept_of_aws() - OF_OUR_OWN == REACHED_BY.keys(), "let a role tell it, in tests/abuse/roles.py"
    assert set(REACHED_BY.values()) <= hostile_roles().keys()
