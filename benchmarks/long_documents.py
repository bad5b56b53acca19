"""Long documents: what is found in a pile as one long file, beside what is found in it apart.

    python benchmarks/long_documents.py

The first table mines `examples/lb-de` twice: each side as its documents, and each as one text file,
the documents parted by blank lines. The second, where the shared data are (BITSEAM_SHARED), divides
documents of NTREX and, five lines each, of FLORES into sentences: one by one, and joined by blank
lines. Its figure is the F1 of the sentences found in the joined text, those found apart as gold.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import click
import polars as pl
from shared_data import SHARED, read_lines, read_tsv

from bitseam.lid.segmentation import segment
from bitseam.pipelines.job import mine
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "lb-de"
SIDES = {"lb": EXAMPLE / "lbwiki.xml", "de": EXAMPLE / "dewiki.jsonl"}
SPACELESS = ("Hans", "Hant", "Jpan")


def example_texts(side: str) -> list[str]:
    """The texts of the documents of one side of the example, markup removed."""
    [file] = find_inputs([str(SIDES[side])])
    batches = read_documents(file, ReadOptions())
    return [text for batch in batches for text in batch.documents["text"].to_pylist()]


def mined(inputs: list[Path], output: Path) -> pl.DataFrame:
    mine(MineOptions(src="lb", tgt="de", output=output, inputs=tuple(map(str, inputs))))
    return pl.read_parquet(output / "pairs" / "*.parquet", columns=["src_text", "tgt_text"])


def example_rows() -> list[list[str]]:
    gold = pl.read_csv(EXAMPLE / "gold.tsv", separator="\t", quote_char=None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side in SIDES:
            (folder / f"all.{side}.txt").write_text("\n\n".join(example_texts(side)), "utf-8")
        apart = mined([*SIDES.values()], folder / "apart")
        long = mined([folder / f"all.{side}.txt" for side in SIDES], folder / "long")
    on = ["src_text", "tgt_text"]
    return [
        [
            name,
            str(pairs.height),
            str(pairs.join(gold, on=on, how="semi").height),
            str(pairs.join(apart, on=on, how="semi").height),
        ]
        for name, pairs in (("as documents", apart), ("as one long file a side", long))
    ]


def sentences(text: str, language: str) -> Counter[str]:
    starts, ends = segment(text, language)
    return Counter(text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True))


def joined_f1(documents: list[str], language: str) -> tuple[int, float]:
    """How many sentences the documents hold apart, and the F1 of those of all in one text."""
    apart = sum((sentences(document, language) for document in documents), Counter())
    joined = sentences("\n\n".join(documents), language)
    return apart.total(), 2 * (apart & joined).total() / (apart.total() + joined.total())


def ntrex_documents(code: str) -> list[str]:
    lines = defaultdict(list)
    folder = SHARED / "ntrex_dev"
    for name, line in zip(
        read_lines(folder / "doc_ids.txt"), read_lines(folder / f"{code}.txt"), strict=True
    ):
        lines[name].append(line)
    return [" ".join(document) for document in lines.values()]


def flores_documents() -> dict[str, list[str]]:
    table = read_tsv(SHARED / "flores200_dev" / "all_languages.tsv.gz")
    found = {}
    for language in table.column_names:
        if language != "dev_line":
            joint = "" if language.endswith(SPACELESS) else " "
            lines = [line for line in table[language].to_pylist() if line]
            found[language] = [joint.join(lines[i : i + 5]) for i in range(0, len(lines), 5)]
    return found


def joined_rows() -> list[list[str]]:
    rows = []
    for path in sorted((SHARED / "ntrex_dev").glob("???.txt")):
        found = joined_f1(ntrex_documents(path.stem), f"{path.stem}_Latn")
        rows.append(["NTREX", path.stem, str(found[0]), f"{found[1]:.3f}"])
    every = {name: joined_f1(texts, name) for name, texts in flores_documents().items()}
    for name in ("jpn_Jpan", "hin_Deva", "zho_Hans", "arb_Arab", "mya_Mymr", "tha_Thai"):
        rows.append(["FLORES", name, str(every[name][0]), f"{every[name][1]:.3f}"])
    least = min(f1 for _, f1 in every.values())
    total = sum(count for count, _ in every.values())
    rows.append(["FLORES", f"the least of {len(every)}", str(total), f"{least:.3f}"])
    return rows


def show(header: list[str], rows: list[list[str]]) -> None:
    for row in [header, ["---"] * len(header), *rows]:
        click.echo(f"| {' | '.join(row)} |")
    click.echo()


@click.command(help=__doc__.splitlines()[0])
def main() -> None:
    show(["examples/lb-de", "pairs", "in the gold list", "found apart, too"], example_rows())
    if SHARED.is_dir():
        show(["texts", "language", "sentences", "F1 joined"], joined_rows())


if __name__ == "__main__":
    main()
