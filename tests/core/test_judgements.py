"""The judgement cache: what is put is there, for every process and after any death; the first answer stays."""

import gc
import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.judgements import SCHEMA, JudgementCache


def python(script, *arguments):
    """A fresh process that runs a script."""
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], stderr=subprocess.PIPE)


def test_what_is_put_is_got_by_whoever_opens_the_file(tmp_path):
    with JudgementCache(tmp_path / "cache.sqlite") as cache:
        cache.put({"a": "one", "b": "Zeile 1\nZeile 2 \U0001f600\0"})
        assert (cache.get("a"), cache.get("c")) == ("one", None)
    with JudgementCache(tmp_path / "cache.sqlite") as again:
        assert again.get("b") == "Zeile 1\nZeile 2 \U0001f600\0"
        assert len(again) == 2


def test_without_a_path_it_lives_in_memory():
    with JudgementCache() as cache, JudgementCache() as other:
        cache.put({"a": "one"})
        assert (cache.get("a"), other.get("a")) == ("one", None)


def test_the_first_answer_stays(tmp_path):
    with JudgementCache(tmp_path / "cache.sqlite") as cache:
        cache.put({"a": "first"})
        cache.put({"a": "second", "b": "new"})
        assert (cache.get("a"), cache.get("b")) == ("first", "new")


def test_the_file_is_in_write_ahead_mode(tmp_path):
    JudgementCache(tmp_path / "cache.sqlite").close()
    connection = sqlite3.connect(tmp_path / "cache.sqlite")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_several_processes_write_at_once_and_agree(tmp_path, scale):
    workers, keys = scale(4, 8), scale(60, 400)
    script = """
import sys
from pathlib import Path
from maieutic.core.judgements import JudgementCache
path, worker, keys = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with JudgementCache(path) as cache:
    for k in range(keys):
        cache.put({f"shared {k}": worker})
        told = cache.get(f"shared {k}")
        cache.put({f"seen {worker} {k}": told})
"""
    path = tmp_path / "cache.sqlite"
    processes = [python(script, path, worker, keys) for worker in range(workers)]
    assert [(process.communicate()[1], process.returncode) for process in processes] == [(b"", 0)] * workers
    with JudgementCache(path) as cache:
        assert len(cache) == keys * (workers + 1)
        for k in range(keys):
            assert {cache.get(f"seen {worker} {k}") for worker in range(workers)} == {cache.get(f"shared {k}")}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_what_was_put_survives_kill_9(tmp_path):
    script = """
import os, signal, sys
from pathlib import Path
from maieutic.core.judgements import JudgementCache
cache = JudgementCache(Path(sys.argv[1]))
cache.put({"received": "answer"})
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = tmp_path / "cache.sqlite"
    process = python(script, path)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    with JudgementCache(path) as cache:
        assert cache.get("received") == "answer"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_opens_the_file_anew(tmp_path):
    with JudgementCache(tmp_path / "cache.sqlite") as cache:
        cache.put({"parent": "1"})
        child = os.fork()
        if child == 0:
            try:
                cache.put({"child": cache.get("parent") or "lost"})
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        assert cache.get("child") == "1"


def test_a_full_disk_is_one_clean_error_and_loses_nothing(tmp_path):
    with JudgementCache(tmp_path / "cache.sqlite") as cache:
        cache.put({"small": "kept"})
        pages = cache._connection.execute("PRAGMA page_count").fetchone()[0]
        cache._connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own way to run out of room
        with pytest.raises(MaieuticError, match=r"cache\.sqlite: .* full; what was stored before is kept"):
            cache.put({"large": "x" * 100_000, "other": "y"})
        assert (cache.get("small"), cache.get("large"), cache.get("other")) == ("kept", None, None)
        cache._connection.execute("PRAGMA max_page_count = 100000")  # room again
        cache.put({"large": "x" * 100_000})
        assert len(cache) == 2


def test_a_file_that_is_no_cache_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("judge not\n" * 1000)
    with pytest.raises(InputError, match=r"notes\.txt: no judgement cache"):
        JudgementCache(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "judge not\n" * 1000
    with pytest.raises(InputError, match="folder that exists"):
        JudgementCache(tmp_path / "nowhere" / "cache.sqlite")


def test_a_cache_of_another_version_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / "cache.sqlite")
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    with pytest.raises(InputError, match=f"it has version {SCHEMA + 1}"):
        JudgementCache(tmp_path / "cache.sqlite")


def test_a_database_of_somebody_else_is_left_alone(tmp_path):
    connection = sqlite3.connect(tmp_path / "books.sqlite")
    connection.execute("CREATE TABLE books (title TEXT)")
    connection.close()
    before = (tmp_path / "books.sqlite").read_bytes()
    with pytest.raises(InputError, match="it has a table 'books'"):
        JudgementCache(tmp_path / "books.sqlite")
    assert (tmp_path / "books.sqlite").read_bytes() == before


def test_a_cache_that_nobody_closes_closes_itself():
    cache = JudgementCache()
    connection = cache._connection
    del cache
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
