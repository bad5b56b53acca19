from __future__ import annotations

import pyarrow as pa
import pytest

from bitseam.pipelines.atomic import read_json, replacing, write_json
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.store import open_store, stage_key
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas.errors import BitseamError, UserError

PAIR = ("ltz_Latn", "deu_Latn")
TABLE = pa.table({"number": [1, 2, 3]})


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_json_that_was_cut_counts_as_missing(tmp_path) -> None:
    path = tmp_path / "value.json"
    write_json(path, {"a": [1]})
    assert read_json(path) == {"a": [1]}
    path.write_text(path.read_text()[:-4])
    assert read_json(path) is None


def test_a_task_runs_once(tmp_path) -> None:
    work, runs = Work(tmp_path), []

    def task() -> Outcome:
        runs.append(1)
        return Outcome(("a", "b"), {"rows": 2})

    first = work.once("step.one", task)
    assert work.once("step.one", task) == first
    assert runs == [1]
    assert work.counts("step") == {"rows": 2}


def test_a_failed_task_leaves_its_message_and_runs_again(tmp_path) -> None:
    work = Work(tmp_path)

    def fail() -> Outcome:
        raise UserError("the cure")

    with pytest.raises(UserError):
        work.once("step.one", fail)
    assert work.take_error() == {"message": "the cure", "exit_code": 2}
    assert work.take_error() is None
    assert work.once("step.one", Outcome).outputs == ()


def test_commit_keeps_the_stage_and_its_rejects_and_drops_the_scratch(tmp_path) -> None:
    with open_store(tmp_path / "out", *PAIR) as store:
        work = store.work("sentences", "key")
        write_table(work.path("sentences", "a.parquet"), TABLE)
        write_table(work.path("rejects", "r.parquet"), TABLE)
        write_table(work.path("scratch", "s.parquet"), TABLE)
        manifest = store.commit("sentences", "key", work, {"counts": {"rows": 3}})
        assert store.committed("sentences") == manifest
        assert [file["rows"] for file in manifest["files"]] == [3]
        assert (store.root / "rejects" / "sentences" / "r.parquet").exists()
        assert not work.folder.exists()


def test_a_stage_with_a_missing_or_cut_file_is_not_committed(tmp_path) -> None:
    with open_store(tmp_path / "out", *PAIR) as store:
        for damage in ("remove", "cut"):
            work = store.work("sentences", "key")
            write_table(work.path("sentences", "a.parquet"), TABLE)
            store.commit("sentences", "key", work, {"counts": {}})
            path = store.files("sentences")[0]
            if damage == "remove":
                path.unlink()
            else:
                path.write_bytes(path.read_bytes()[:-1])
            assert store.committed("sentences") is None


def test_the_same_files_have_the_same_content_whatever_the_key(tmp_path) -> None:
    contents = []
    for name in ("one", "two"):
        with open_store(tmp_path / name, *PAIR) as store:
            work = store.work("pairs", name)
            write_table(work.path("pairs", "a.parquet"), TABLE)
            contents.append(store.commit("pairs", name, work, {"counts": {}})["content"])
    assert contents[0] == contents[1]


def test_work_of_another_key_is_never_continued(tmp_path) -> None:
    with open_store(tmp_path / "out", *PAIR) as store:
        store.work("pairs", "old").once("step.one", Outcome)
        new = store.work("pairs", "new")
        assert new.outcomes("step") == []
        assert not (store.root / ".work" / "pairs-old").exists()


def test_key_depends_on_every_ingredient() -> None:
    assert stage_key({"a": 1, "b": 2}) == stage_key({"b": 2, "a": 1})
    assert stage_key({"a": 1, "b": 2}) != stage_key({"a": 1, "b": 3})


def test_foreign_folders_are_refused(tmp_path) -> None:
    (tmp_path / "diary.txt").write_text("dear diary")
    with pytest.raises(UserError, match="not empty"), open_store(tmp_path, *PAIR):
        pass
    with pytest.raises(UserError, match="is a file"), open_store(tmp_path / "diary.txt", *PAIR):
        pass
    with open_store(tmp_path / "out", *PAIR) as store:
        store.write_manifest({"bitseam": "0", "src": PAIR[0], "tgt": PAIR[1]}, [])
    with (
        pytest.raises(UserError, match="holds a run of ltz_Latn-deu_Latn"),
        open_store(tmp_path / "out", "ltz_Latn", "fra_Latn"),
    ):
        pass


@pytest.mark.parametrize("manifest", ["{}", "[1]", '{"files": 1}', "no json"])
def test_a_folder_with_a_foreign_manifest_is_refused(tmp_path, manifest) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    (tmp_path / ".lock").touch()
    with pytest.raises(UserError, match="holds no run"), open_store(tmp_path, *PAIR):
        pass


def test_a_stage_without_files_is_never_committed(tmp_path) -> None:
    with open_store(tmp_path, *PAIR) as store:
        work = store.work("sentences", "key")
        work.once("read.one", lambda: Outcome(("shard",)))
        with pytest.raises(BitseamError, match="workers that see the output folder"):
            store.commit("sentences", "key", work, {"counts": {}})
        assert store.committed("sentences") is None


def test_tasks_are_forgotten_before_their_files_move(tmp_path, monkeypatch) -> None:
    """Killed inside a commit, a run must not take done tasks at their word."""
    with open_store(tmp_path, *PAIR) as store:
        work = store.work("pairs", "key")
        work.once("write.all", Outcome)
        write_table(work.path("pairs", "a.parquet"), TABLE)
        monkeypatch.setattr("bitseam.pipelines.store.replace_folder", _killed)
        with pytest.raises(KeyboardInterrupt):
            store.commit("pairs", "key", work, {"counts": {}})
        assert store.work("pairs", "key").outcomes("write") == []


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_two_runs_in_one_folder_are_refused(tmp_path) -> None:
    with (
        open_store(tmp_path, *PAIR),
        pytest.raises(UserError, match="in use"),
        open_store(tmp_path, *PAIR),
    ):
        pass
