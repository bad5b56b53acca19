"""How work is cut into tasks and partitions: nothing lost, nothing twice, from the data alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bitseam.mining.encoders import load_encoder
from bitseam.pipelines.readers import InputFile
from bitseam.pipelines.stages.partitions import partition_of, partitions_for
from bitseam.pipelines.stages.sentences import READ_BYTES, read_tasks
from bitseam.pipelines.vector_cache import VectorCache, shard_name

SIZES = st.lists(st.none() | st.integers(0, 2 * READ_BYTES), max_size=50)


@given(SIZES)
def test_every_input_is_in_one_reading_task(sizes) -> None:
    files = tuple(InputFile(f"/{i}.txt", f"{i}.txt", "text", None, n) for i, n in enumerate(sizes))
    ranges = [tuple(map(int, task.split("-"))) for task in read_tasks(files)]
    assert [i for first, last in ranges for i in range(first, last + 1)] == list(range(len(files)))
    for first, last in ranges[:-1]:
        assert sum(file.size or READ_BYTES for file in files[first : last + 1]) >= READ_BYTES


@given(st.integers(0, 10**8))
def test_partitions_are_a_power_of_two_and_hold_the_rows(rows) -> None:
    partitions = partitions_for(rows)
    assert partitions & (partitions - 1) == 0
    assert rows / partitions <= 1 << 17


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=50), st.integers(0, 10))
def test_partitions_nest(keys, bits) -> None:
    array = np.array(keys, np.int64)
    coarse, fine = partition_of(array, 1 << bits), partition_of(array, 2 << bits)
    assert (fine // 2 == coarse).all()
    assert ((coarse >= 0) & (coarse < 1 << bits)).all()


def test_the_cache_finds_what_covers_a_partition(tmp_path) -> None:
    for number in range(4):
        (tmp_path / shard_name("src", number, 4)).touch()
    encoder = load_encoder("static")

    def covering(number: int, partitions: int) -> list[str]:
        found = VectorCache(tmp_path, number, partitions, encoder)._files
        return [path.name for path in found]

    assert covering(1, 2) == [shard_name("src", 2, 4), shard_name("src", 3, 4)]
    assert covering(5, 8) == [shard_name("src", 2, 4)]
    assert covering(3, 4) == [shard_name("src", 3, 4)]
    assert VectorCache(None, 0, 1, encoder).load("src")[1].shape == (0, encoder.dimension)
