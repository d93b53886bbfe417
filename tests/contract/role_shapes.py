"""The table of role shapes: what a tenant may make of the role, what every check says of it, and what follows.

Verdicts are one sign a check, in the order of onboarding.checks.CHECKS:

    . not checked   + passed   - failed   ? inconclusive

    role_is_not_ours  partition_is_served  role_is_assumable  account_matches  external_id_is_enforced
    trust_is_exact    permissions_match    stack_is_complete  template_is_current

A role that has answered for ten minutes is meant; one that says "a minute old" may still be spreading its policies.
How each is made is in role_makes.py, by the same name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from onboarding.ground.status import Status

TABLE = """
as published                                           +++++++++  connected
# Whom it trusts, and on what condition
no condition on the external ID                        ++++-....  rejected   ignores_external_id_none
no condition at all                                    ++++-....  rejected   ignores_external_id_none
StringEqualsIfExists                                   ++++-....  rejected   ignores_external_id_none
StringLike *                                           ++++-....  rejected   ignores_external_id_wrong
StringLike prefix-*                                    ++++-....  rejected   ignores_external_id_wrong
StringEqualsIgnoreCase                                 ++++-....  rejected   ignores_external_id_wrong_case
StringLike without a wildcard                          +++++++++  connected
several external IDs, ours among them                  +++++-+++  rejected   trust_is_loose
a second, bare statement                               ++++-....  rejected   ignores_external_id_none
a second statement for another account                 +++++-+++  rejected   trust_is_loose
a Deny when the ID is missing                          +++++++++  connected
a Deny when the ID is missing, instead of a condition  ++++-....  rejected   ignores_external_id_wrong
a Deny that hits us                                    ++-......  waiting    not_answering
another role of ours                                   ++-......  waiting    not_answering
our whole account                                      +++++-+++  rejected   trust_is_loose
our role as the principal itself                       +++++++++  connected
another account beside ours                            +++++-+++  rejected   trust_is_loose
anybody who knows the ID                               +++++-+++  rejected   trust_is_loose
another account instead of ours                        ++-......  waiting    not_answering
sts:TagSession too                                     +++++-+++  rejected   trust_is_loose
made with another external ID                          ++-......  waiting    not_answering
# Where it is
no such role                                           ++-......  waiting    not_answering
in our own account                                     -+.......  rejected   role_is_ours
in another partition                                   +-.......  rejected   partition_not_served
# It may read itself by its own name alone, so a role of another name or path cannot be looked into
renamed in the template                                +++++----  rejected   role_cannot_be_read
with a path                                            +++++----  rejected   role_cannot_be_read
with a path that it knows of                           ++++++-++  connected
# What it may do
AdministratorAccess attached                           ++++++-++  connected
ReadOnlyAccess attached                                ++++++-++  connected
a policy of the tenant's own attached                  ++++++-++  connected
an inline policy too many                              ++++++-++  connected
more inline policies than are read                     ++++++-++  connected
a statement missing                                    ++++++-++  connected
a wildcard instead of actions                          ++++++-++  connected
fewer resources                                        ++++++-++  connected
policies too complex to judge                          ++++++-++  connected
a Deny of one action                                   ++++++-++  connected
actions in another order and case                      +++++++++  connected
a boundary that lets it read itself                    +++++++++  connected
a boundary that takes that away                        +++++----  rejected   reading_is_forbidden
a boundary that takes nothing away                     +++++++++  connected
OwnRole missing                                        +++++----  rejected   role_cannot_be_read
OwnRole missing, a minute old                          +++++????  waiting    policies_spreading
# What made it
OwnStack missing                                       ++++++--.  connected
the stack deleted, the role kept                       +++++++-.  connected
a stack that never was                                 +++++++-.  connected
a stack in a region that is none                       +++++++-.  connected
the stack of another role                              +++++++-+  connected
the stack in progress                                  +++++++??  connected
an update that failed half-way                         +++++++-.  connected
an update rolled back                                  +++++++++  connected
an older template                                      ++++++++-  connected
a newer template                                       +++++++++  connected
a template without a version                           ++++++++.  connected
"""


@dataclass(frozen=True)
class Shape:
    """One line of the table. `finding` is empty where the connection has none."""

    name: str
    verdicts: str
    status: Status
    finding: str


def _read(line: str) -> Shape:
    found = re.fullmatch(r"(.+?)  +([-+?.]{9})  (\w+) *(\w*)", line)
    assert found is not None, line
    return Shape(found[1], found[2], Status(found[3]), found[4])


SHAPES = tuple(_read(line) for line in TABLE.splitlines() if line and not line.startswith("#"))
