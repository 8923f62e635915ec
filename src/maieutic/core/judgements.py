"""The judgement cache: what a judge answered, stored the moment it is received, and never asked for again.

Judgements cost money or hours. The cache is one SQLite file of keys and answers. A key is the hash of everything that
an answer depends on (the judge with its rubric and settings, the prompt, the samples, the number of the draw), so a
stale entry cannot be: whatever changes, changes the key. Refused and unreadable answers are kept as well, because they
were paid for too.

Write-ahead logging lets several processes read and write at once. A commit survives the death of its process at any
moment (kill -9); after a power cut the last ones may be missing, but the file is whole. The first answer to a key
stays: who comes second is told the first one, so that all processes and all later runs go on from the same answer.
"""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from maieutic.core.errors import InputError, MaieuticError

PATIENCE = 60.0
"""Seconds to wait for another process to finish its write."""

SCHEMA = 1

WRONG_FILE = {
    sqlite3.SQLITE_NOTADB: "the file is something else: name another one",
    sqlite3.SQLITE_CANTOPEN: "it is a file in a folder that exists and can be written to",
    sqlite3.SQLITE_READONLY: "the file must be writable",
}
WAIT = {
    sqlite3.SQLITE_FULL: "what was stored before is kept: make room, and the same command goes on",
    sqlite3.SQLITE_BUSY: f"another process has held it for {PATIENCE:.0f} seconds",
}


class JudgementCache:
    """Answers by key, in a file, or in memory only where no path is given.

    Open it in the process that uses it; a process forked off opens its own connection by itself. The file must lie on
    a local disk: write-ahead logging needs shared memory, which network file systems lack.

    Raises InputError where the file cannot be opened or is no cache, and MaieuticError where it cannot be written to (a
    full disk); what was stored before stays readable.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._process = os.getpid()
        self._inherited: list[sqlite3.Connection] = []
        self._connection = self._connect()

    def get(self, key: str) -> str | None:
        """The answer stored under a key, or None."""
        try:
            row = self._database.execute("SELECT answer FROM judgements WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise self._mistake(error) from error
        return None if row is None else str(row[0])

    def put(self, answers: Mapping[str, str]) -> None:
        """Store some answers, all or none; they are on disk when this returns. Keys that are there keep theirs."""
        database = self._database
        try:
            with database:  # one transaction: committed at the end, rolled back by an exception
                database.execute("BEGIN IMMEDIATE")
                database.executemany("INSERT OR IGNORE INTO judgements VALUES (?, ?)", sorted(answers.items()))
        except sqlite3.Error as error:
            raise self._mistake(error) from error

    def __len__(self) -> int:
        try:
            return int(self._database.execute("SELECT count(*) FROM judgements").fetchone()[0])
        except sqlite3.Error as error:
            raise self._mistake(error) from error

    def close(self) -> None:
        """Close the file; the last process to do so leaves no side files."""
        self._connection.close()

    def __enter__(self) -> JudgementCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _database(self) -> sqlite3.Connection:
        """The connection of this process. One that came across a fork may be neither used nor closed in the child."""
        if self._process != os.getpid() and self.path is not None:
            self._inherited.append(self._connection)
            self._process, self._connection = os.getpid(), self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        connection = None
        try:
            connection = sqlite3.connect(
                self.path or ":memory:", timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            self._prepare(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")  # in WAL: a killed process loses nothing
        except (sqlite3.Error, InputError) as error:
            if connection is not None:
                connection.close()
            raise error if isinstance(error, InputError) else self._mistake(error) from error
        weakref.finalize(self, _close, connection, os.getpid())
        return connection

    def _prepare(self, database: sqlite3.Connection) -> None:
        """Make the table where the file is new; refuse a file that is something else."""
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if version not in (0, SCHEMA) or not tables <= {"judgements"}:
            found = f"version {version}" if tables <= {"judgements"} else f"a table {min(tables - {'judgements'})!r}"
            hint = f"this is version {SCHEMA}: name another file"
            raise InputError(f"no judgement cache: it has {found}", where=str(self.path), hint=hint)
        if version == 0:
            database.execute(
                "CREATE TABLE IF NOT EXISTS judgements (key TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID"
            )
            database.execute(f"PRAGMA user_version = {SCHEMA}")

    def _mistake(self, error: sqlite3.Error) -> MaieuticError:
        """What SQLite met, told as where it was and what to do."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
        if code in WRONG_FILE:
            return InputError(f"no judgement cache: {error}", where=str(self.path), hint=WRONG_FILE[code])
        advice = f"; {WAIT[code]}" if code in WAIT else ""
        return MaieuticError(f"{self.path or 'memory'}: the judgement cache: {error}{advice}")


def _close(connection: sqlite3.Connection, process: int) -> None:
    """Close a connection in the process that opened it."""
    if process == os.getpid():
        connection.close()
