"""What a run says of its inputs: what was not read, what was read otherwise or passed over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bitseam.pipelines.readers import find_inputs
from bitseam.pipelines.readers.storage import fingerprint
from bitseam.schemas.errors import UserError

LB = [
    "D'Fra vum Mëller huet de Wecker moies fréi gestallt.",
    "Um fënnef Auer hänkt nach kalen Niwwel iwwer dem Floss.",
    "De Bäcker kuckt, ob d'Miel fir déi séiss Bréidercher duergeet.",
    "Duerno féiert e schmuele Wee iwwer d'Bréck zréck an d'Duerf.",
    "Am Hierscht raumen d'Kanner d'Blieder virun der Schoul ewech.",
]
DE = [
    "Die Frau des Müllers hat den Wecker früh am Morgen gestellt.",
    "Um fünf Uhr hängt noch kalter Nebel über dem Fluss.",
    "Der Bäcker prüft, ob das Mehl für die süßen Brötchen reicht.",
    "Danach führt ein schmaler Weg über die Brücke zurück ins Dorf.",
    "Im Herbst räumen die Kinder die Blätter vor der Schule weg.",
]
RU = [
    "Жена мельника завела будильник на раннее утро.",
    "В пять часов над рекой ещё висит холодный туман.",
    "Пекарь проверяет, хватит ли муки на сладкие булочки.",
    "Потом узкая дорога ведёт через мост обратно в деревню.",
    "Осенью дети убирают листья перед школой.",
]


@pytest.fixture
def sides(tmp_path):
    """Write both sides and return how a run of them is asked for."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "lb.txt").write_text("\n".join(LB), "utf-8")
    (folder / "de.txt").write_text("\n".join(DE), "utf-8")
    return folder


def arguments(src, tgt, output):
    sides = ["--src-input", src, "--tgt-input", tgt]
    return ["--src", "lb", "--tgt", "de", *sides, "--text-unit", "line", "--output", output]


def test_another_encoding_and_another_column_are_read_and_said_so(mine, sides, tmp_path):
    rows = [json.dumps({"content": line}, ensure_ascii=False) for line in DE]
    (sides / "de.jsonl").write_bytes("\n".join(rows).encode("cp1252"))
    pq.write_table(pa.table({"content": LB}), sides / "lb.parquet")
    done = mine(
        *arguments(sides / "lb.parquet", sides / "de.jsonl", tmp_path / "out"),
        *("--text-column", "content"),
    )
    assert done.returncode == 0, done.stderr
    assert "de.jsonl: read as windows-1252 as detected" in done.stderr
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["stages"]["sentences"]["counts"]["inputs in windows-1252"] == 1
    assert manifest["stages"]["sentences"]["inputs"]["noted"] == [
        ["de.jsonl", "read as windows-1252 as detected"]
    ]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("de.txt", b"", "de.txt: nothing could be read: no text in it"),
        ("de.txt", b"\xef\xbb\xbf", "de.txt: nothing could be read"),
        ("de.txt", b" \n\n \t\n", "de.txt: nothing could be read"),
        ("de.txt", b"M\xfcller\n", "iconv -f"),
        ("de.xml", b"<?xml version='1.0'?><TEI><text/></TEI>", "root element <TEI>"),
        ("de.csv", b"nr;satz\n1;Hallo\n", "found 'nr', 'satz': name the one to read by --text-col"),
    ],
)
def test_a_side_that_cannot_be_read_ends_the_run(mine, sides, tmp_path, name, data, told):
    (sides / name).write_bytes(data)
    done = mine("-q", *arguments(sides / "lb.txt", sides / name, tmp_path / "out"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"{name}: nothing could be read" in done.stderr
    assert told in done.stderr
    assert "no sentence in deu_Latn" in done.stderr
    assert not (tmp_path / "out" / "embeddings").exists()


def test_a_side_in_another_language_says_which(mine, sides, tmp_path):
    (sides / "ru.txt").write_bytes("\n".join(RU).encode("cp1251"))
    done = mine("-q", *arguments(sides / "lb.txt", sides / "ru.txt", tmp_path / "out"))
    assert done.returncode == 1
    assert "no sentence in deu_Latn was found in the inputs: 5 are in rus_Cyrl" in done.stderr
    again = mine(*arguments(sides / "lb.txt", sides / "ru.txt", tmp_path / "out"))
    assert again.returncode == 1  # from the manifest of the first
    assert "read as windows-1251 as detected" in again.stderr


FR = [
    "La meunière a réglé son réveil pour le petit matin.",
    "À cinq heures un brouillard froid flotte encore sur la rivière.",
    "Le boulanger vérifie si la farine suffit pour les petits pains sucrés.",
    "Ensuite un chemin étroit ramène au village par le pont.",
    "En automne les enfants ramassent les feuilles devant l'école.",
    "Le soir, la lumière du moulin brille jusque dans la vallée.",
]


def test_a_side_mostly_in_another_language_is_warned_of(mine, sides, tmp_path):
    (sides / "lb.txt").write_text("\n".join([*FR, LB[0]]), "utf-8")
    for _ in range(2):  # the second from the manifest of the first
        done = mine(*arguments(sides / "lb.txt", sides / "de.txt", tmp_path / "out"))
        assert done.returncode == 0, done.stderr
        told = "--src-input: lb.txt: 6 of 7 sentences are in fra_Latn, 1 in ltz_Latn: expected ltz"
        assert told in done.stderr
    assert "--tgt-input: de.txt" not in done.stderr


def test_exchanged_sides_are_the_users_mistake(mine, sides, tmp_path):
    done = mine(*arguments(sides / "de.txt", sides / "lb.txt", tmp_path / "out"))
    assert done.returncode == 2
    assert "de.txt: 5 of 5 sentences are in deu_Latn" in done.stderr
    assert "are --src-input and --tgt-input exchanged?" in done.stderr


def test_all_members_that_were_not_read_are_counted(mine, sides, tmp_path):
    with zipfile.ZipFile(sides / "de.zip", "w") as archive:
        for n in range(130):
            archive.writestr(f"{n}.txt", b"\xff\xfe\xfd \n")
        archive.writestr("lb.txt", "\n".join(LB))
    done = mine(*arguments(sides / "lb.txt", sides / "de.zip", tmp_path / "out"))
    assert done.returncode == 1
    assert "; 130 could not be read" in done.stderr


def test_what_could_not_be_read_is_told_once_and_is_no_sentence(mine, sides, tmp_path):
    (sides / "de.xml").write_text("<?xml version='1.0'?><TEI><text/></TEI>", "utf-8")
    done = mine("-q", *arguments(sides / "lb.txt", sides / "de.xml", tmp_path / "out"))
    assert done.returncode == 1
    assert done.stderr.count("root element <TEI>") == 1
    assert "1 could not be read, see above" in done.stderr
    assert "1 corrupt" not in done.stderr


def test_both_sides_missing_are_told_in_one_list(mine, sides, tmp_path):
    for name in ("lb.txt", "de.txt"):
        (sides / name).write_text("\n".join(FR), "utf-8")
    done = mine("-q", *arguments(sides / "lb.txt", sides / "de.txt", tmp_path / "out"))
    assert done.returncode == 1
    expected = "no sentence in ltz_Latn and none in deu_Latn was found in the inputs: 12 are in fra"
    assert expected in done.stderr
    assert done.stderr.count("are in fra_Latn") == 1


def test_of_a_folder_each_file_that_is_not_read_is_accounted_for(mine, sides, tmp_path):
    pq.write_table(pa.table({"content": DE}), sides / "missing.parquet")
    for name in ("a.warc", "b.warc", "c.md", "noending"):
        (sides / name).write_bytes(b"x")
    (sides / "link.txt").symlink_to("nowhere")
    done = mine("--src", "lb", "--tgt", "de", "--input", sides, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stderr.splitlines() if "passed over" in line)
    assert "passed over: 2 .warc, 1 .md, 1 that cannot be read, 1 without an ending" in line
    assert "missing.parquet: nothing could be read" in done.stderr
    assert "found content: string: name the one to read by --text-column" in done.stderr


def test_a_folder_with_nothing_to_read_is_the_users_mistake(mine, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.warc").write_bytes(b"x")
    done = mine(
        "--src", "lb", "--tgt", "de", "--input", tmp_path / "in", "--output", tmp_path / "o"
    )
    assert done.returncode == 2
    assert "nothing in it can be read" in done.stderr
    assert "1 .warc" in done.stderr


# --- pipes


def mine_with(stdin, *args):
    command = Path(sys.executable).with_name("mine")
    return subprocess.run(
        [command, *map(str, args)], input=stdin, capture_output=True, timeout=300, check=False
    )


def test_a_run_on_pipes_continues_where_the_same_comes_through_them(sides, tmp_path):
    command = Path(sys.executable).with_name("mine")
    script = (
        f'gzip -c "{sides}/lb.txt" | "{command}" --src lb --tgt de --src-input - '
        f'--tgt-input <(cat "{sides}/de.txt") --text-unit line --output "{tmp_path}/out"'
    )
    for kept in (0, 4):
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        assert "sentences ltz_Latn                         5" in done.stdout
        assert "sentences deu_Latn                         5" in done.stdout
        assert done.stdout.count("(kept from an earlier run)") == kept
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out"}  # nothing is left


def test_standard_input_can_be_read_once(mine, sides, tmp_path):
    done = mine_with(b"Moien\n", *arguments("-", "-", tmp_path / "out"))
    assert done.returncode == 2
    assert b"given more than once" in done.stderr


def test_what_comes_through_a_pipe_is_known_by_its_content(tmp_path):
    def piped(data, name):
        pipe = tmp_path / name / "pipe"
        pipe.parent.mkdir()
        os.mkfifo(pipe)
        writer = subprocess.Popen(["bash", "-c", 'printf "%s" "$0" > "$1"', data, pipe])
        (file,) = find_inputs([str(pipe)], scratch=tmp_path)
        writer.wait()
        return file

    first, again, other = map(piped, ("Moien", "Moien ", "Moien"), "abc")
    assert first.content == other.content != again.content
    assert (first.source, first.format, first.size) == ("pipe-pipe", "text", 5)
    assert first.path != other.path
    with pytest.raises(UserError, match="a pipe can be read only once"):
        find_inputs([str(tmp_path / "a" / "pipe")], scratch=tmp_path)


# --- archives


def test_a_changed_archive_is_another_input(tmp_path):
    def fingerprint_of(*lines):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("x/lb.txt", "\n".join(lines))
        os.utime(tmp_path / "a.zip", (0, 0))
        return fingerprint(str(tmp_path / "a.zip"))

    assert fingerprint_of("Moien") == fingerprint_of("Moien") != fingerprint_of("Mojen")
