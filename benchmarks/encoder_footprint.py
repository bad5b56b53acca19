"""Load time and peak memory of the static encoder in fresh processes, as a Markdown table.

    python benchmarks/encoder_footprint.py [--sentences 1000000]

A process reads made-up lines (benchmarks/corpus.py) as an Arrow stream from its standard input and
encodes batch after batch, as the stages of `mine` do, or the same as Python lists. It says how long
it took to import and load the encoder, to encode the first batch (which also loads the compiled
code), and how much memory it held at most, libraries and the mapped model included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from itertools import islice

BATCH = 8192
LOADS = 5


def encode_standard_input(as_lists: bool) -> None:
    """Be the measured process: nothing is imported before the clock runs."""
    began = time.perf_counter()
    from bitseam.mining.encoders import load_encoder

    encoder = load_encoder("static")
    loaded = time.perf_counter()
    import pyarrow as pa

    count, first = 0, 0.0
    for batch in pa.ipc.open_stream(sys.stdin.buffer):
        texts = batch["text"].to_pylist() if as_lists else batch["text"]
        started = time.perf_counter()
        count += len(encoder.encode(texts))
        first = first or time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"load": loaded - began, "first": first, "count": count, "peak": peak}))


def measured(lines: Iterable[str], kind: str = "arrow") -> dict[str, float]:
    """Run such a process on `lines`, given to the encoder as `arrow` arrays or as `lists`."""
    import pyarrow as pa

    schema = pa.schema({"text": pa.string()})
    command = [sys.executable, __file__, "--measured", kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        rest = iter(lines)
        with pa.ipc.new_stream(process.stdin, schema) as stream:
            while batch := list(islice(rest, BATCH)):
                stream.write_batch(pa.record_batch([pa.array(batch)], schema))
        process.stdin.close()
        figures: dict[str, float] = json.loads(process.stdout.read())
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=1_000_000)
    parser.add_argument("--measured", choices=("arrow", "lists"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measured:
        encode_standard_input(options.measured == "lists")
        return
    from corpus import made_up_lines

    # The least of a few: whatever else the machine does only adds to it.
    loads = [measured(["Moien"]) for _ in range(LOADS)]
    load, first, peak = (min(run[what] for run in loads) for what in ("load", "first", "peak"))
    print("| what | measured |\n|---|---|")
    print(f"| import and load | {load:.2f} s |")
    print(f"| first sentence after that | {first:.2f} s |")
    print(f"| peak memory for one sentence | {peak / 1e6:,.0f} MB |")
    for kind, named in (("arrow", "Arrow arrays"), ("lists", "Python lists")):
        stream = measured(made_up_lines("lb", options.sentences), kind)
        what = f"peak memory for {stream['count']:,} in a stream of {named}"
        print(f"| {what} | {stream['peak'] / 1e6:,.0f} MB |")


if __name__ == "__main__":
    main()
