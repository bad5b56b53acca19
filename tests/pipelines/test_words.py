"""`mine words`: what it reads, what it writes, what it refuses."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bitseam.lid.words import split_words
from bitseam.mining.encoders import load_encoder
from bitseam.mining.encoders.linear_map import LinearMap, MapFile, map_bytes
from bitseam.mining.encoders.presets import Preset
from bitseam.mining.encoders.transformer import TransformerEncoder
from bitseam.pipelines.words.contextual import TokenEncoder
from bitseam.pipelines.words.run import WordsOptions, link_words
from bitseam.schemas.errors import UserError

ROWS = {
    "lb": ["Den Hond schléift.", "", "Meng Kaz schléift net.", "Moien Welt"],
    "de": ["Der Hund schläft.", "leer", "Meine Katze schläft nicht.", "Hallo Welt"],
}
LINKS = ["0-0 1-1 2-2 3-3", "", "0-0 1-1 2-2 3-3 4-4", "0-0 1-1"]


def write_tsv(path: Path, rows: dict[str, list[str]] = ROWS) -> Path:
    table = ["\t".join(rows), *map("\t".join, zip(*rows.values(), strict=True))]
    path.write_text("\n".join(table) + "\n", "utf-8")
    return path


def write_parquet(path: Path) -> Path:
    names = {"lb": "src_text", "de": "tgt_text"}
    pq.write_table(pa.table({names[code]: texts for code, texts in ROWS.items()}), path)
    return path


def write_moses(path: Path) -> Path:
    for code, texts in ROWS.items():
        path.with_suffix(f".{code}").write_text("".join(f"{text}\n" for text in texts), "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "write"),
    [("pairs.tsv", write_tsv), ("pairs.parquet", write_parquet), ("corpus", write_moses)],
)
def test_every_pair_has_a_line_whatever_the_format(tmp_path, name, write):
    columns = ("lb", "de") if name == "corpus" else ()
    output = tmp_path / "links.txt"
    link_words(WordsOptions(str(write(tmp_path / name)), output, columns=columns))
    assert output.read_text().split("\n") == [*LINKS, ""]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tsv", "lb\tde\nMoien\tHallo\na\tb\tc\n\nMoien\tHallo\n"),
        ("a.jsonl", '{"lb": "Moien", "de": "Hallo"}\n{oh\n\n{"lb": "Moien", "de": "Hallo"}\n'),
    ],
)
def test_a_malformed_row_has_an_empty_line(tmp_path, name, text):
    (tmp_path / name).write_text(text, "utf-8")
    link_words(WordsOptions(str(tmp_path / name), tmp_path / "x", columns=("lb", "de")))
    assert (tmp_path / "x").read_text() == "0-0\n\n\n0-0\n"


def shell(command, folder):
    mine = Path(sys.executable).with_name("mine")
    return subprocess.run(
        ["bash", "-c", command.replace("mine ", f"{mine} ")],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["a.tsv", "a.parquet", "a.jsonl"])
def test_pairs_come_through_a_pipe_and_links_go_to_standard_output(tmp_path, name):
    if name == "a.jsonl":
        rows = '{"lb": "Moien", "de": "Hallo"}\n' * 2
        (tmp_path / name).write_text(rows, "utf-8")
    elif name == "a.tsv":
        write_tsv(tmp_path / name)
    else:
        pq.write_table(pa.table(ROWS), tmp_path / name)
    direct = shell(f"mine words {name} --output - --columns lb,de", tmp_path)
    assert direct.returncode == 0, direct.stderr
    assert direct.stdout.startswith("0-0")
    for command in (f"cat {name} | mine words -", f"mine words <(cat {name})"):
        piped = shell(f"{command} --output - --columns lb,de", tmp_path)
        assert piped.returncode == 0, piped.stderr
        assert piped.stdout == direct.stdout
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_pipe_without_pairs_is_the_users_mistake(tmp_path):
    done = shell("echo Moien | mine words - --output x.txt", tmp_path)
    assert done.returncode == 2
    assert "-: its content is no parallel text, it starts with b'Moien" in done.stderr


def test_lexicon_and_scores(tmp_path):
    pairs, lexicon, scores = write_tsv(tmp_path / "a.tsv"), tmp_path / "l.gz", tmp_path / "s.tsv"
    link_words(WordsOptions(str(pairs), tmp_path / "x", lexicon=lexicon, scores=scores))
    assert gzip.decompress(lexicon.read_bytes()).decode().splitlines() == [
        "src\ttgt\tcount\ttgt_given_src\tsrc_given_tgt",
        ".\t.\t2\t1.0\t1.0",
        "schléift\tschläft\t2\t1.0\t1.0",
    ]
    covered = pl.read_csv(scores, separator="\t")
    assert covered.columns == ["src_coverage", "tgt_coverage"]
    assert covered.height == len(LINKS)
    assert covered.row(1) == (0, 0)
    assert min(covered.row(0)) > 0.5


def test_columns_choose_the_direction(tmp_path):
    rows = {"lb": ["Guddemoien"], "de": ["Guten Morgen"]}
    for columns, links in ((("lb", "de"), {"0-0", "0-1"}), (("de", "lb"), {"0-0", "1-0"})):
        pairs = write_tsv(tmp_path / "a.tsv", rows)
        link_words(WordsOptions(str(pairs), tmp_path / "x", columns=columns))
        found = (tmp_path / "x").read_text().split()
        assert found
        assert set(found) <= links


@pytest.mark.parametrize(
    ("columns", "links"),
    [
        ((), "2-0\n"),
        (("src_text", "tgt_text"), "2-0\n"),
        (("tgt_text", "src_text"), "0-2\n"),
        (("lb", "de"), "2-0\n"),
        (("de", "lb"), "0-2\n"),
    ],
)
def test_sides_of_mined_pairs_are_named_by_column_or_language(tmp_path, columns, links):
    texts = {"src_text": ["Den Hond schléift"], "tgt_text": ["schläft"]}
    languages = {"src_lang": ["ltz_Latn"], "tgt_lang": ["deu_Latn"]}
    pq.write_table(pa.table(texts | languages), tmp_path / "a.parquet")
    link_words(
        WordsOptions(str(tmp_path / "a.parquet"), tmp_path / "x", columns=columns, method="argmax")
    )
    assert (tmp_path / "x").read_text() == links


def test_threads_and_a_second_run_give_the_same_bytes(tmp_path):
    pairs = write_tsv(tmp_path / "a.tsv")
    outputs = [tmp_path / name for name in ("x", "y", "z")]
    for output, threads in zip(outputs, (1, 1, 3), strict=True):
        link_words(
            WordsOptions(str(pairs), output, scores=output.with_suffix(".s"), threads=threads)
        )
    for suffix in ("", ".s"):
        assert len({output.with_suffix(suffix).read_bytes() for output in outputs}) == 1


def test_other_pairs_are_learnt_from_but_not_linked(tmp_path):
    unknown = {"lb": ["zorro blim"], "de": ["karag tuffel"]}
    known = {"lb": ["blim", "zorro"] * 20, "de": ["karag", "tuffel"] * 20}
    pairs, more = write_tsv(tmp_path / "a.tsv", unknown), write_tsv(tmp_path / "b.tsv", known)
    for learn_from in (more, write_tsv(tmp_path / "c.tsv", {"de": known["de"], "lb": known["lb"]})):
        link_words(WordsOptions(str(pairs), tmp_path / "x", learn_from=(str(learn_from),)))
        assert (tmp_path / "x").read_text() == "0-1 1-0\n"


@pytest.mark.parametrize("method", ["argmax", "itermax", "softmax"])
def test_vectors_of_single_words_need_no_training(tmp_path, method):
    pairs = write_tsv(tmp_path / "a.tsv", {"lb": ["Hond a Kaz"], "de": ["Katze und Hund"]})
    link_words(WordsOptions(str(pairs), tmp_path / "x", method=method))
    assert {"0-2", "2-0"} <= set((tmp_path / "x").read_text().split())


def test_a_linear_map_is_used_for_the_language_of_each_side(tmp_path):
    static = load_encoder("static")
    identity = np.eye(static.dimension, dtype=np.float32)
    none = np.zeros(static.dimension, np.float32)
    turned = LinearMap(-identity, none, none)
    file = MapFile(turned, "static", static.revision, "ltz_Latn", "deu_Latn")
    (tmp_path / "map.safetensors").write_bytes(map_bytes(file))
    pairs = write_tsv(tmp_path / "a.tsv", {"lb": ["Hond"], "de": ["Hund"]})
    encoder = str(tmp_path / "map.safetensors")
    link_words(WordsOptions(str(pairs), tmp_path / "x", method="argmax", encoder=encoder))
    assert (tmp_path / "x").read_text() == "\n"  # opposite vectors
    pairs = write_tsv(tmp_path / "a.tsv", {"a": ["Hond"], "b": ["Hund"]})
    with pytest.raises(UserError, match="unknown language"):
        link_words(WordsOptions(str(pairs), tmp_path / "x", method="argmax", encoder=encoder))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lexicon": "x"}, "name one file twice: expected different files"),
        ({"output": "."}, "is a folder: expected a name in it"),
        ({"output": "a.tsv"}, "a.tsv is an input, too: expected another name"),
        ({"method": "argmax", "learn_from": ("a.tsv",)}, "--learn-from: the method argmax does"),
        ({"columns": ("lb", "fr")}, "no column of text named 'fr'"),
        ({"columns": ("lb",)}, "lb"),
        ({"pairs": "absent.tsv"}, "no parallel text at"),
        ({"encoder": "absent"}, "unknown encoder 'absent'"),
    ],
)
def test_mistakes_are_explained_and_leave_no_file(tmp_path, monkeypatch, changes, message):
    monkeypatch.chdir(tmp_path)
    write_tsv(Path("a.tsv"))
    paths = {name: Path(changes.pop(name)) for name in ("output", "lexicon") if name in changes}
    arguments = {"pairs": "a.tsv", "output": Path("x"), **changes, **paths}
    with pytest.raises(UserError, match=message):
        link_words(WordsOptions(**arguments))
    assert [path.name for path in Path().iterdir()] == ["a.tsv"]


def test_three_languages_are_one_too_many(tmp_path):
    pairs = write_tsv(tmp_path / "a.tsv", {**ROWS, "fr": ROWS["de"]})
    with pytest.raises(UserError, match="found 'lb', 'de', 'fr': name two of them"):
        link_words(WordsOptions(str(pairs), tmp_path / "x"))


def test_the_command(tmp_path, mine):
    write_tsv(tmp_path / "a.tsv")
    done = mine("words", "a.tsv", "--output", "links.txt", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "11 links written to links.txt" in done.stderr
    assert (tmp_path / "links.txt").read_text().splitlines() == LINKS


# ------------------------------------------------------------------------------------- transformers


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT with random weights whose words are cut into tokens of two letters."""
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import BertProcessing
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("bert")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ab", "cd", "##ab", "##cd", "."]
    torch.manual_seed(0)
    size = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(
        vocab_size=len(pieces), num_hidden_layers=3, max_position_embeddings=16, **size
    )
    BertModel(config).save_pretrained(folder, safe_serialization=True)
    vocabulary = {piece: k for k, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=16, pad_token="[PAD]", unk_token="[UNK]"
    )
    fast.save_pretrained(folder)
    whole = folder / "whole"
    SentenceTransformer(str(folder), device="cpu").save_pretrained(str(whole))
    return whole


TEXTS = ["ab abcd.", "", "cd " * 20, "abcdab cd"]


@pytest.fixture(scope="module")
def tokens(bert: Path) -> TokenEncoder:
    return TokenEncoder(TransformerEncoder(Preset(str(bert)), device="cpu"))


def test_a_word_has_the_mean_of_its_tokens_at_unit_norm(bert, tokens):
    import torch
    from transformers import AutoModel

    words = split_words(TEXTS)
    vectors = tokens.word_vectors(pa.array(TEXTS, pa.large_string()), words)
    assert vectors.bounds.tolist() == words.bounds.tolist() == [0, 3, 3, 23, 25]
    model = AutoModel.from_pretrained(bert).eval()
    with torch.inference_mode():
        output = model(torch.tensor([[2, 5, 5, 8, 9, 3]]), output_hidden_states=True)
    tokens = output.hidden_states[2][0].numpy()  # two thirds of three layers
    expected = np.stack([tokens[1], tokens[2] + tokens[3], tokens[4]])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(vectors.rows[:3], expected, atol=1e-5)


def test_words_beyond_the_longest_text_of_the_model_are_read_in_parts(tokens):
    words = split_words(TEXTS)
    vectors = tokens.word_vectors(pa.array(TEXTS, pa.large_string()), words)
    lengths = np.linalg.norm(vectors.rows[3:23], axis=1)
    np.testing.assert_allclose(lengths, [1] * 20, atol=1e-5)
    apart = tokens.word_vectors(pa.array(["ab abcd."], pa.large_string()), split_words(TEXTS[:1]))
    np.testing.assert_allclose(vectors.rows[:3], apart.rows, atol=1e-5)


def test_words_beyond_the_512th_are_linked_and_told(tmp_path, caplog):
    names = [f"{a}{b}{c}" for a in "bdfghjkl" for b in "aeiou" for c in "mnprst"] * 3
    rows = {"lb": [" ".join(names), "moien"], "de": [" ".join(names), "moien"]}
    pairs = write_tsv(tmp_path / "a.tsv", rows)
    with caplog.at_level("WARNING", "bitseam"):
        link_words(WordsOptions(str(pairs), tmp_path / "x"))
    assert "pairs of more than 512 words, linked in overlapping windows: 1" in caplog.text
    found = set((tmp_path / "x").read_text().splitlines()[0].split())
    assert len(found & {f"{k}-{k}" for k in range(720)}) > 700


def test_words_in_context_are_linked(tmp_path, bert):
    rows = {"lb": ["ab cd", "", "cd"], "de": ["ab cd", "ab", "cd ."]}
    pairs = write_tsv(tmp_path / "a.tsv", rows)
    link_words(WordsOptions(str(pairs), tmp_path / "x", method="argmax", encoder=str(bert)))
    first, second, third = (tmp_path / "x").read_text().splitlines()
    assert (first, second) == ("0-0 1-1", "")
    assert third in ("0-0", "0-1")
