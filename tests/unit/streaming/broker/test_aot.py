"""Which of the JVM's class caches a broker reads, and when it makes one."""

from __future__ import annotations

from pathlib import Path

from streaming.broker.aot import aot_options

JARS = [Path("/jars/kafka.jar"), Path("/jars/scala.jar")]


def _file(option: str) -> Path:
    return Path(option.split("=", 1)[1])


def test_a_home_without_a_cache_makes_one_and_then_reads_it(tmp_path: Path) -> None:
    """The file that the first run is told to write is the one that the next is told to read."""
    (first,) = aot_options(tmp_path, JARS)
    assert first.startswith("-XX:AOTCacheOutput=")
    _file(first).write_bytes(b"\xa2\xab\x0b\xf0 and the rest")
    (second,) = aot_options(tmp_path, JARS)
    assert second == f"-XX:AOTCache={_file(first)}"


def test_a_torn_file_is_made_anew(tmp_path: Path) -> None:
    """A JVM that was killed while it wrote has left an empty head."""
    (first,) = aot_options(tmp_path, JARS)
    _file(first).write_bytes(bytes(100))
    assert aot_options(tmp_path, JARS) == [first]
    assert not _file(first).exists()


def test_other_jars_have_a_cache_of_their_own(tmp_path: Path) -> None:
    """What was made of former ones goes."""
    (first,) = aot_options(tmp_path, JARS)
    _file(first).write_bytes(b"\xa2\xab\x0b\xf0")
    (other,) = aot_options(tmp_path, JARS[:1])
    assert other.startswith("-XX:AOTCacheOutput=")
    assert not _file(first).exists()
