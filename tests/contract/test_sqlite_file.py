"""The one file: readable with sqlite-utils' own command line, safe to open from several processes at once."""

from __future__ import annotations

import json
import multiprocessing
import re
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from onboarding.model import Flow
from store.rows import to_row, verification_of
from store.sqlite import SqliteStore
from tests.builders import ACCOUNT, NOON, a_tenant, a_verification, an_event

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")


@pytest.fixture
def file(store, onboarding, invites, verifier, aws):
    """A store with a whole story in it."""
    invite = invites.invite(name="Acme", reference="acme", lifetime=invites.clock.now() - invites.clock.now())
    connection = onboarding.start_connection(invite.tenant_id)
    named = onboarding.launch(connection.id, flow=Flow.QUICK_CREATE, region="us-east-1", raw_account_id=ACCOUNT)
    onboarding.look(named)
    aws.accepts_only(named.claimed_role_arn, named.pinned_external_id)
    verifier.verify(named)
    return store.path


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path / "data" / "rolecall.db")
    store.migrate()
    return store


def sqlite_utils(*arguments):
    """Run the command line as an operator would, and read the JSON it prints."""
    command = [sys.executable, "-m", "sqlite_utils", *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)


def test_the_untouched_draft_is_found_even_if_somebody_launches_it_that_very_moment(store, onboarding, monkeypatch):
    tenant = store.add_tenant(a_tenant(), an_event("tenant.added", connection_id=None))
    started = onboarding.start_connection(tenant.id)
    others, read = sqlite3.connect(store.path, timeout=0), store._all

    def launched_before_it_is_read(*query):
        with others, suppress(sqlite3.OperationalError):
            others.execute("update connections set status = 'waiting'")
        return read(*query)

    monkeypatch.setattr(store, "_all", launched_before_it_is_read)

    assert onboarding.start_connection(tenant.id) == started
    others.close()


def test_the_command_line_shows_every_connection_in_plain_columns(file):
    rows = sqlite_utils("query", file, "select status, account_id, role_arn, connected_at from connections")

    assert [(r["status"], r["account_id"]) for r in rows] == [("connected", ACCOUNT)]
    assert ISO.fullmatch(rows[0]["connected_at"])


def test_the_command_line_lists_the_tables_and_counts_their_rows(file):
    counts = {t["table"]: t["count"] for t in sqlite_utils("tables", file, "--counts")}

    singles = ("tenants", "invites", "connections", "external_ids", "verifications")
    assert {name: counts[name] for name in singles} == dict.fromkeys(singles, 1)
    assert counts["events"] == 6


def test_every_time_in_every_table_is_iso_in_utc(file, store):
    times = [
        (table.name, column, row[column])
        for table in store._db.tables
        if not table.name.startswith("_")
        for row in table.rows
        for column in row
        if re.search(r"(_at|_since|_until|^at)$", column) and row[column] is not None
    ]

    assert len(times) > 15
    assert [t for t in times if not ISO.fullmatch(t[2])] == []


def test_details_and_results_are_json_that_sql_can_look_into(file):
    rows = sqlite_utils(
        "query",
        file,
        "select json_extract(detail, '$.region') as region from events where kind = 'connection.launched'",
    )

    assert rows == [{"region": "us-east-1"}]


def test_the_write_ahead_log_is_on_and_every_table_is_strict(file, store):
    assert store._db.journal_mode == "wal"
    ours = [t for t in store._db.tables if not t.name.startswith("_")]
    assert {t.name for t in ours} == {
        *("tenants", "invites", "connections", "external_ids", "verifications", "events", "workers"),
        *("api_keys", "portal_launches", "handovers", "reported_stacks", "stack_events", "callback_queues"),
    }
    assert all(t.strict for t in ours)


def test_migrating_again_changes_nothing(file, store):
    before = store._db.schema, store.events(), store.list_connections()

    store.migrate()
    SqliteStore(file).migrate()

    assert (store._db.schema, store.events(), store.list_connections()) == before


FILES, PROCESSES = 12, 4


def test_processes_that_start_at_once_all_find_the_tables(tmp_path):
    context = multiprocessing.get_context("spawn")
    shot, answers = context.Barrier(PROCESSES), context.Queue()
    starters = [context.Process(target=_migrate_all, args=(tmp_path, shot, answers)) for _ in range(PROCESSES)]
    for starter in starters:
        starter.start()
    errors = [answers.get(timeout=60) for _ in starters]
    for starter in starters:
        starter.join()

    assert errors == [[]] * PROCESSES
    assert all(SqliteStore(tmp_path / f"{n}.db").list_connections() == [] for n in range(FILES))


def _migrate_all(folder: Path, shot, answers) -> None:
    errors = []
    for number in range(FILES):
        shot.wait()
        try:
            SqliteStore(folder / f"{number}.db").migrate()
        except Exception as error:
            errors.append(f"{number}: {error!r}")
    answers.put(errors)


def test_what_an_earlier_version_found_is_still_read(file, store):
    """It kept the English sentences alone."""
    found = {"check": "account_matches", "verdict": "failed", "sentence": "No {gap}.", "evidence": ["Line 1: {"]}
    with sqlite3.connect(file) as db:
        db.execute("update verifications set results = ?", [json.dumps([found])])

    [kept] = store.last_verification(store.list_connections()[0].id).results

    assert (kept.sentence, kept.evidence) == ("No {gap}.", ("Line 1: {",))
    assert kept.sentence.source == "No {gap}."


@pytest.mark.parametrize(
    ("remedy", "update_url"), [("", ""), ("https://console.aws.amazon.com/x", "https://console.aws.amazon.com/x")]
)
def test_an_old_verification_whose_remedy_is_a_link_is_read_as_one(remedy, update_url):
    result = {"check": "template_is_current", "verdict": "failed", "sentence": "It is old.", "remedy": remedy}
    row = {**to_row(a_verification()), "results": json.dumps([result])}

    [read] = verification_of(row).results

    assert (read.update_url, read.sentence) == (update_url, "It is old.")


def plan_of(store, ask):
    """Return how SQLite finds what is asked for."""
    asked = []
    store._db.conn.set_trace_callback(asked.append)
    ask()
    store._db.conn.set_trace_callback(None)
    return [row[3] for row in store._db.execute(f"explain query plan {asked[0]}").fetchall()]


def test_a_poll_reads_no_more_hand_overs_than_it_shows(store):
    plan = plan_of(store, lambda: store.list_handovers("connection-1"))

    assert any("USING INDEX handovers_of_connection" in step for step in plan), plan
    # The one sort is that of the few rows that are left.
    assert sum("TEMP B-TREE" in step for step in plan) == 1, plan


def test_a_poll_looks_for_another_role_s_proof_only_among_the_latest(store):
    plan = plan_of(store, lambda: store.has_proof_since(NOON, besides="connection-1"))

    assert plan == ["SEARCH verifications USING COVERING INDEX proofs_by_time (conclusion=? AND finished_at>?)"]
