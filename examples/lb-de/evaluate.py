"""Compares mined pairs with the gold list: python examples/lb-de/evaluate.py OUTPUT_FOLDER"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from bitseam.lid.clean import clean

HERE = Path(__file__).parent


def read_list(name: str) -> pl.DataFrame:
    """Read `gold.tsv` or `traps.tsv`; their sentences may hold quotation marks."""
    return cleaned(pl.read_csv(HERE / name, separator="\t", quote_char=None))


def cleaned(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs with their texts as `mine` has them: both sides of a comparison, alike."""
    texts = {name: pairs[name].to_arrow().cast("string") for name in ("src_text", "tgt_text")}
    return pairs.with_columns(pl.Series(name, clean(its).texts) for name, its in texts.items())


def read_pairs(output: Path) -> pl.DataFrame:
    """Read the pairs of a run, best first, with the kind that the gold list or the traps give."""
    files = sorted((output / "pairs").glob("*.parquet"))
    if not files:
        sys.exit(f"{output}: no pairs/*.parquet in it; expected the --output folder of `mine`")
    known = pl.concat([read_list("gold.tsv"), read_list("traps.tsv")])
    pairs = cleaned(pl.read_parquet(files, columns=["src_text", "tgt_text", "margin"]))
    ranked = pairs.sort("margin", "src_text", "tgt_text", descending=[True, False, False])
    return ranked.join(known, on=["src_text", "tgt_text"], how="left", maintain_order="left")


def main(output: Path) -> None:
    """Print the best pairs, then precision, recall and F1."""
    pairs, gold, traps = read_pairs(output), read_list("gold.tsv"), read_list("traps.tsv")
    print("margin  kind         the ten best pairs")
    for source, target, margin, kind in pairs.head(10).iter_rows():
        print(f"{margin:.3f}   {kind or 'not in gold':<12} {source}\n{'':<21}{target}")

    found = {kind: pairs.filter(pl.col("kind") == kind).height for kind in gold["kind"].unique()}
    correct = sum(found.values())
    precision = correct / max(pairs.height, 1)
    recall = correct / gold.height
    f1 = 2 * correct / (pairs.height + gold.height)
    print(f"\n{pairs.height} pairs, {correct} of them in the gold list of {gold.height}")
    print(f"precision {precision:.3f}   recall {recall:.3f}   F1 {f1:.3f}")
    for kind in sorted(found, reverse=True):
        wanted = gold.filter(pl.col("kind") == kind).height
        print(f"recall of {kind}s: {found[kind]} of {wanted} ({found[kind] / wanted:.3f})")
    fallen = pairs.filter(pl.col("kind").is_in(traps["kind"].unique().to_list())).height
    print(f"traps among the pairs: {fallen} of {traps.height}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/lb-de/evaluate.py OUTPUT_FOLDER")
    main(Path(sys.argv[1]))
