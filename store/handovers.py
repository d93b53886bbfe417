"""Hand-overs. `SqliteStore.commit` writes them together with their connection."""

from __future__ import annotations

from collections.abc import Sequence

from onboarding.model import Handover
from onboarding.ports import HANDOVERS_LISTED
from store.file import SqliteFile
from store.rows import to_row, value_of


class HandoverTables(SqliteFile):
    """onboarding.ports.HandoverStore on one SQLite file."""

    def get_handover(self, handover_id: str) -> Handover:
        return value_of(Handover, self._one("select * from handovers where id = ?", [handover_id]))

    def list_handovers(self, connection_id: str) -> Sequence[Handover]:
        # The index has this order, so those that are left out are not read.
        last = "where connection_id = ? order by revoked_at is null desc, expires_at desc limit ?"
        rows = self._all(
            f"select * from handovers where rowid in (select rowid from handovers {last}) order by created_at, rowid",
            [connection_id, HANDOVERS_LISTED],
        )
        return [value_of(Handover, r) for r in rows]

    def _put_handover(self, handover: Handover) -> None:
        """Add or update the hand-over, in the transaction that writes its connection."""
        row = to_row(handover)
        changed = ", ".join(f"{name} = :{name}" for name in ("opened_at", "asked_again_at", "revoked_at"))
        if self._execute(f"update handovers set {changed} where id = :id", row).rowcount == 0:
            self._insert("handovers", row)
