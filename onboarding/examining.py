"""The verb of the trust-policy examiner: what it compares with, and the little that is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from onboarding.changing import Changed, Changing
from onboarding.model import REFUSALS, Connection
from onboarding.trust.examiner import Examination, examine
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.judgement import TrustVerdict


@dataclass(frozen=True, kw_only=True)
class Examining(Changing):
    """Examines what a tenant pasted of a role."""

    def examine(self, connection: Connection, raw: object) -> Examination:
        """Compare what the tenant pasted with the external ID that is bound or pinned, else the newest issued one.

        Nothing of what was pasted is kept, but whether it was right or shuts us out. Once one external ID is bound, the
        others no longer work, whatever their age.
        """
        issued, bound = self.store.issued(connection.id), connection.bound_external_id
        wanted = connection.settled_external_id or issued[-1].external_id
        found = examine(
            raw,
            expected=ExpectedTrust.of(self.vendor.trusted_principal, wanted),
            issued=[i for i in issued if bound in (None, i.external_id)],
            claimed=connection.claimed_role_arn,
            now=self.clock.now(),
        )
        if found.verdict is not TrustVerdict.UNREADABLE:
            is_fine = found.verdict is TrustVerdict.EXACT
            # One of several external IDs may be shown, and another one be used.
            is_only = connection.settled_external_id is not None or len(issued) == 1
            self._note_trust(connection.id, is_fine=is_fine, is_shut=is_only and _shuts_us_out(found))
        return found

    def _note_trust(self, connection_id: str, *, is_fine: bool, is_shut: bool) -> None:
        """Remember, while AWS refuses us, since when the trust policy is right, or is seen to be the cause."""

        def note(connection: Connection) -> Changed:
            now = self.clock.now() if connection.finding_code in REFUSALS else None
            fine_at, shut_at = connection.trust_fine_at or now, connection.trust_shut_at or now
            noted = replace(
                connection, trust_fine_at=fine_at if is_fine else None, trust_shut_at=shut_at if is_shut else None
            )
            return None if noted == connection else (noted, "trust.examined", {"is_fine": "yes" if is_fine else "no"})

        self._change(connection_id, note)


def _shuts_us_out(found: Examination) -> bool:
    """Whether the policy is the role's, as far as we know, and surely refuses us."""
    is_judged = found.verdict in (TrustVerdict.SHUT, TrustVerdict.LOOSE)
    return is_judged and found.judgement is not None and found.judgement.lets_us_in is False
