"""Promises of `node.instance_store`: whole and on the disk, or not there."""

import errno
import fcntl
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from node.instance_store import InstanceStore, StorageFullError, UnsafePathError

META = bytes(128) + b"DICM" + b"meta"
DATASET = b"the bytes of a data set" * 100


@pytest.fixture
def store(tmp_path: Path) -> InstanceStore:
    return InstanceStore(tmp_path / "data")


def files(store: InstanceStore) -> set[Path]:
    return {
        path.relative_to(store.root) for path in store.root.rglob("*") if path.is_file()
    }


class Trace:
    """The order of fsync and rename, by what they concern."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[str] = []
        fsync, replace = os.fsync, Path.replace

        def traced_fsync(descriptor: int) -> None:
            kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
            name = Path(f"/proc/self/fd/{descriptor}").readlink().name
            self.steps.append(f"fsync {kind} {name}" if kind == "folder" else "fsync")
            fsync(descriptor)

        def traced_replace(path: Path, target: Path) -> Path:
            self.steps.append("rename")
            return replace(path, target)

        monkeypatch.setattr(os, "fsync", traced_fsync)
        monkeypatch.setattr(Path, "replace", traced_replace)


def test_an_object_is_stored_as_it_came_under_the_hash_of_its_data_set(
    store: InstanceStore,
) -> None:
    stored = store.write(META, DATASET)

    digest = sha256(DATASET).hexdigest()
    assert stored.sha256 == digest
    assert stored.path == Path("objects", digest[:2], f"{digest}.dcm")
    assert stored.size == len(META + DATASET)
    assert store.absolute(stored.path).read_bytes() == META + DATASET
    assert files(store) == {stored.path}


def test_the_file_is_on_disk_before_its_name_and_the_name_before_the_return(
    store: InstanceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = Trace(monkeypatch)

    stored = store.write(META, DATASET)

    assert trace.steps == ["fsync", "rename", f"fsync folder {stored.path.parent.name}"]


def test_the_folders_are_on_disk_before_anything_is_stored_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = Trace(monkeypatch)
    mkdir = Path.mkdir

    def traced_mkdir(path: Path, *args: object, **options: object) -> None:
        trace.steps.append(f"make {path.name}")
        mkdir(path, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "mkdir", traced_mkdir)
    store = InstanceStore(tmp_path / "volume" / "data")

    assert {f"fsync folder {tmp_path.name}", "fsync folder volume"} <= {*trace.steps}
    assert sorted(path.name for path in (store.root / "objects").iterdir()) == [
        f"{number:02x}" for number in range(256)
    ]
    last = {
        name: len(trace.steps) - 1 - trace.steps[::-1].index(name)
        for name in (
            "make objects",
            "fsync folder data",
            "make ff",
            "fsync folder objects",
        )
    }
    assert last["make objects"] < last["fsync folder data"]
    assert last["make ff"] < last["fsync folder objects"]


def test_a_new_folder_of_results_is_on_disk_before_a_file_in_it_counts(
    store: InstanceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = Trace(monkeypatch)

    store.write_result("abc", "report.dcm", b"report")

    assert trace.steps == [
        "fsync folder data",
        "fsync folder results",
        "fsync",
        "rename",
        "fsync folder abc",
    ]


def test_the_same_data_set_again_changes_nothing_and_is_still_made_lasting(
    store: InstanceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = store.write(META, DATASET)
    before = store.absolute(first.path).stat()
    trace = Trace(monkeypatch)

    again = store.write(META, DATASET)

    assert again == first
    after = store.absolute(first.path).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert trace.steps == [f"fsync folder {first.path.parent.name}"]


def test_a_resend_is_compared_piece_by_piece_and_leaves_no_temporary_file(
    store: InstanceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.disk._COMPARED", 64)
    first = store.write(META, DATASET)

    assert store.write(META + b"of another sender", DATASET) == first
    assert files(store) == {first.path}

    damaged = bytearray(META + DATASET)
    damaged[-1000] ^= 1
    store.absolute(first.path).write_bytes(damaged)
    store.write(META, DATASET)
    assert store.absolute(first.path).read_bytes() == META + DATASET


def test_the_disk_has_begun_to_write_before_its_end_is_waited_for(
    store: InstanceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = Trace(monkeypatch)
    advise = os.posix_fadvise

    def traced(*advice: int) -> None:
        trace.steps.append("begin")
        advise(*advice)

    monkeypatch.setattr(os, "posix_fadvise", traced)
    store.write(META, DATASET)

    assert trace.steps[:2] == ["begin", "fsync"]


def test_other_content_never_overwrites_the_first(store: InstanceStore) -> None:
    first = store.write(META, DATASET)

    second = store.write(META, DATASET + b" and more")

    assert store.absolute(first.path).read_bytes() == META + DATASET
    assert files(store) == {first.path, second.path}


def test_a_stored_file_that_was_damaged_is_healed_by_a_resend(
    store: InstanceStore,
) -> None:
    stored = store.write(META, DATASET)
    store.absolute(stored.path).write_bytes(META + DATASET[:-7])

    store.write(META, DATASET)

    assert store.absolute(stored.path).read_bytes() == META + DATASET


def test_threads_that_store_the_same_and_different_objects_do_not_disturb_each_other(
    store: InstanceStore,
) -> None:
    contents = [DATASET + bytes([number % 8]) for number in range(64)]

    with ThreadPoolExecutor(8) as threads:
        stored = list(threads.map(lambda content: store.write(META, content), contents))

    assert files(store) == {item.path for item in stored}
    assert len(files(store)) == 8
    for item, content in zip(stored, contents, strict=True):
        assert store.absolute(item.path).read_bytes() == META + content


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_is_said_so_and_leaves_nothing_behind(
    store: InstanceStore, monkeypatch: pytest.MonkeyPatch, code: int, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    store.write(META, DATASET)
    known = files(store)
    monkeypatch.setattr(os if step == "fsync" else Path, step, fail)

    with pytest.raises(StorageFullError, match="no space"):
        store.write(META, DATASET + b"!")

    monkeypatch.undo()
    assert files(store) == known


def test_a_disk_that_fails_otherwise_is_not_called_full(
    store: InstanceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(OSError, match="Input/output error"):
        store.write(META, DATASET)


def test_the_store_goes_on_by_itself_when_there_is_space_again(
    store: InstanceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fail)
        with pytest.raises(StorageFullError):
            store.write(META, DATASET)

    stored = store.write(META, DATASET)
    assert store.absolute(stored.path).read_bytes() == META + DATASET


def test_remains_of_a_crash_are_removed_when_the_store_is_opened(
    store: InstanceStore,
) -> None:
    stored = store.write(META, DATASET)
    (store.root / "incoming" / "abc.part").write_bytes(b"half")

    InstanceStore(store.root)

    assert files(store) == {stored.path}


def test_a_second_process_does_not_remove_what_the_first_is_writing(
    store: InstanceStore,
) -> None:
    writing = store.root / "incoming" / "abc.part"
    with writing.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        InstanceStore(store.root)

        assert writing.exists()


def test_a_result_is_replaced_whole(store: InstanceStore) -> None:
    store.write_result("abc123", "report.dcm", b"first")

    stored = store.write_result("abc123", "report.dcm", b"second")

    assert stored.path == Path("results/abc123/report.dcm")
    assert stored.sha256 == sha256(b"second").hexdigest()
    assert stored.size == 6
    assert store.absolute(stored.path).read_bytes() == b"second"
    assert files(store) == {stored.path}


@pytest.mark.parametrize(
    "relative",
    ["../out", "/etc/passwd", "a/../../b", ".hidden", "a/.hidden", "", "."],
)
def test_a_path_that_would_leave_the_store_is_refused(
    store: InstanceStore, relative: str
) -> None:
    with pytest.raises(UnsafePathError):
        store.write_file(Path(relative), b"")
    with pytest.raises(UnsafePathError):
        store.absolute(Path(relative))


@pytest.mark.parametrize(
    ("job_key", "name"),
    [("a/b", "c"), ("a", "b/c"), ("..", "c"), ("a", ".."), ("", "")],
)
def test_a_result_has_one_folder_and_one_name(
    store: InstanceStore, job_key: str, name: str
) -> None:
    with pytest.raises(UnsafePathError):
        store.write_result(job_key, name, b"")


def test_what_is_stored_is_not_for_everybody_to_read(store: InstanceStore) -> None:
    stored = store.write(META, DATASET)

    mode = store.absolute(stored.path).stat().st_mode
    assert stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO) == 0


def test_results_that_are_written_together_are_all_there(tmp_path: Path) -> None:
    store = InstanceStore(tmp_path)
    files = [(f"slice-{number}.dcm", bytes([number])) for number in range(9)]

    paths = store.write_results("abc", files)

    assert [(path.name, (tmp_path / path).read_bytes()) for path in paths] == files
    assert {path.parent for path in paths} == {Path("results/abc")}
    assert list((tmp_path / "incoming").iterdir()) == []


@pytest.mark.parametrize(("job_key", "name"), [("..", "a"), ("abc", "../a")])
def test_one_unsafe_name_keeps_all_from_being_written(
    tmp_path: Path, job_key: str, name: str
) -> None:
    store = InstanceStore(tmp_path)

    with pytest.raises(UnsafePathError):
        store.write_results(job_key, [("first.dcm", b"1"), (name, b"2")])
    assert not (tmp_path / "results").exists()
