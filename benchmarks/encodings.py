"""What becomes of text in other encodings than UTF-8: decoded right, decoded wrong, or rejected.

    BITSEAM_SHARED=... python benchmarks/encodings.py [files of each kind]
    BITSEAM_SHARED=... python benchmarks/encodings.py detectors [files of each kind]

FLORES-200 dev, one language an encoding, read as `mine` reads a text file: 40 characters, a
sentence, five and fifty of them; the last one also cut within a character, and with one byte in
2,000 damaged. A file is right if all its text is (of damaged lines, what is not rejected), wrong if
any line of it is wrong, rejected if no line is read. Prints the tables of benchmarks/encodings.md.

`detectors` measures two libraries alone, without our check: the share of texts decoded right.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from shared_data import SHARED, read_tsv, require_shared

from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents

# Encoding and language; the text is what of it the encoding can hold.
CASES = (
    *(("gb18030", "zho_Hans"), ("gbk", "zho_Hans"), ("big5", "zho_Hant")),
    *(("shift_jis", "jpn_Jpan"), ("euc_jp", "jpn_Jpan"), ("euc_kr", "kor_Hang")),
    *(("cp1251", "rus_Cyrl"), ("cp1251", "ukr_Cyrl"), ("cp1251", "bul_Cyrl")),
    *(("koi8_r", "rus_Cyrl"), ("iso8859_5", "rus_Cyrl"), ("cp866", "rus_Cyrl")),
    *(("cp1252", "deu_Latn"), ("cp1252", "fra_Latn"), ("cp1252", "ltz_Latn")),
    *(("latin_1", "spa_Latn"), ("latin_1", "swe_Latn"), ("latin_1", "por_Latn")),
    *(("iso8859_2", "pol_Latn"), ("iso8859_2", "ces_Latn"), ("iso8859_2", "hun_Latn")),
    *(("cp1250", "pol_Latn"), ("cp1250", "ces_Latn"), ("cp1250", "ron_Latn")),
    *(("iso8859_7", "ell_Grek"), ("cp1253", "ell_Grek"), ("iso8859_9", "tur_Latn")),
    *(("cp1254", "tur_Latn"), ("cp1255", "heb_Hebr"), ("cp1256", "arb_Arab")),
    *(("cp1257", "lit_Latn"), ("cp1257", "est_Latn"), ("cp874", "tha_Thai")),
    *(("utf-16-le", "deu_Latn"), ("utf-16-be", "fra_Latn"), ("utf-16-le", "zho_Hans")),
    *(("utf-16-be", "jpn_Jpan"), ("utf-16-le", "rus_Cyrl"), ("utf-16-le", "arb_Arab")),
)
# What the reader does not promise to know: a wrong reading of these is wrong all the same.
FOREIGN = (
    *(("cp850", "deu_Latn"), ("cp437", "spa_Latn"), ("cp852", "ces_Latn")),
    *(("mac_roman", "fra_Latn"), ("mac_cyrillic", "rus_Cyrl"), ("cp037", "eng_Latn")),
    *(("iso8859_4", "lvs_Latn"), ("iso8859_6", "arb_Arab"), ("mac_latin2", "pol_Latn")),
)
LENGTHS = ("40 characters", "1 sentence", "5", "50", "50, cut", "50, damaged")


def main() -> None:
    """Read files of each kind and print what became of them."""
    arguments = sys.argv[1:]
    require_shared()
    texts = read_tsv(SHARED / "flores200_dev" / "all_languages.tsv.gz").to_pydict()
    if arguments[:1] == ["detectors"]:
        _compare_detectors(texts, int(arguments[1]) if len(arguments) > 1 else 20)
        return
    number = int(arguments[0]) if arguments else 20
    for title, cases in (("Encodings that are read", CASES), ("Others", FOREIGN)):
        print(f"\n### {title}\n\n| encoding | language | {' | '.join(LENGTHS)} |")
        print("| --- | --- |" + " ---: |" * len(LENGTHS))
        total = {length: Counter[str]() for length in LENGTHS}
        for encoding, language in cases:
            row = []
            for length in LENGTHS:
                found = _outcomes(encoding, texts[language], length, number)
                total[length] += found
                row.append(_shown(found))
            print(f"| {encoding} | {language} | {' | '.join(row)} |", flush=True)
        print(f"| **all** | | {' | '.join(map(_shown, total.values()))} |")


def _compare_detectors(texts: dict[str, list[str]], number: int) -> None:
    import chardet
    from charset_normalizer import from_bytes

    def normalizer(data: bytes) -> str | None:
        best = from_bytes(data).best()
        return best.encoding if best else None

    detectors = {
        "chardet": lambda data: chardet.detect(data)["encoding"],
        "charset-normalizer": normalizer,
    }
    print(f"| detector | {' | '.join(LENGTHS[:4])} |\n| --- |" + " ---: |" * 4)
    for name, detect in detectors.items():
        row = []
        for length in LENGTHS[:4]:
            right = total = 0
            for encoding, language in CASES:
                rng = random.Random(f"{encoding} {length}")
                for _ in range(number):
                    data, text = _sample(rng, encoding, texts[language], length)
                    found = detect(data)
                    right += bool(found) and data.decode(found, "replace") == text
                    total += 1
            row.append(f"{100 * right / total:.1f} %")
        print(f"| {name} | {' | '.join(row)} |", flush=True)


def _sample(rng: random.Random, encoding: str, lines: list[str], length: str) -> tuple[bytes, str]:
    """Return a text that its bytes tell something about, encoded and as it is then."""
    sentences = {"5": 5, "1 sentence": 1, "40 characters": 1}.get(length, 50)
    while True:
        first = rng.randrange(len(lines) - sentences)
        text = "\n".join(lines[first : first + sentences]) + "\n"
        text = text[:40] if length == "40 characters" else text
        data = text.encode(encoding, "ignore")
        text = data.decode(encoding)
        if not text.isascii() or encoding.startswith("utf"):
            return data, text


def _shown(found: Counter[str]) -> str:
    return f"{found['right']} / {found['wrong']} / {found['rejected']}"


def _outcomes(encoding: str, lines: list[str], length: str, number: int) -> Counter[str]:
    rng = random.Random(f"{encoding} {length}")
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        while found.total() < number:
            data, text = _sample(rng, encoding, lines, length)
            if length.endswith("cut"):
                data = data[:-2]
            if length.endswith("damaged"):
                data = _damaged(rng, data)
            path = Path(folder, "text.txt")
            path.write_bytes(data)
            found[_outcome(path, text, length)] += 1
    return found


def _damaged(rng: random.Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    for place in rng.sample(range(len(data)), k=max(1, len(data) // 2000)):
        damaged[place] ^= 0x80
    return bytes(damaged)


def _outcome(path: Path, text: str, length: str) -> str:
    (file,) = find_inputs([str(path)])
    batches = list(read_documents(file, ReadOptions(text_unit="line")))
    read = [its for batch in batches for its in batch.documents["text"].to_pylist()]
    known = set(text.split("\n"))
    if not read:
        return "rejected"
    strange = [line for line in read if line not in known]
    ascii_only = all(line.isascii() for line in read)
    if length.endswith("damaged"):
        # A flipped bit may make another letter, or join two lines.
        strange = [line for line in strange if not _is_near(line, known)]
    elif length.endswith("cut"):
        strange = [line for line in strange if not any(its.startswith(line) for its in known)]
    if strange:
        return "wrong"
    return "rejected" if ascii_only and not text.isascii() else "right"


def _is_near(line: str, known: set[str]) -> bool:
    """Whether a line begins as one that was written, but for a character in five."""
    head = line[:40]
    return any(
        5 * sum(a == b for a, b in zip(head, other, strict=False)) >= 4 * len(head)
        for other in known
    )


if __name__ == "__main__":
    main()
