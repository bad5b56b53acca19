"""Thai, Lao and their kin: sentences that no mark ends are divided at spaces, and at no other."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.lid.segmentation import segment, segment_batch

THAI = [
    "เมื่อวานนี้ฝนตกหนักมากในกรุงเทพฯ จนถนนหลายสายมีน้ำท่วมขังและรถยนต์ผ่านไม่ได้เลย",
    "หลังจากฝนหยุดแล้ว ชาวบ้านช่วยกันทำความสะอาดตลาดและโรงเรียนที่ได้รับความเสียหาย",
    "นอกจากนี้เทศบาลยังส่งเจ้าหน้าที่ประมาณ 40 คนไปซ่อมสะพานไม้ข้ามคลองที่พังลงมาเมื่อเดือนก่อน",
    "ผู้ใหญ่บ้านกล่าวว่า งานทั้งหมดจะเสร็จภายในวันที่ 15 มีนาคม พ.ศ. 2566 ถ้าไม่มีพายุเข้ามาอีก",
]
LAO = [
    "ມື້ວານນີ້ຝົນຕົກແຮງຢູ່ນະຄອນຫຼວງວຽງຈັນ ແລະ ຖະໜົນຫຼາຍສາຍຖືກນໍ້າຖ້ວມຈົນລົດໄປບໍ່ໄດ້.",
    "ຫຼັງຈາກຝົນຢຸດແລ້ວ ຊາວບ້ານໄດ້ຊ່ວຍກັນອະນາໄມຕະຫຼາດ ແລະ ໂຮງຮຽນ.",
]


def sentences(text: str, language: str = "tha_Thai") -> list[str]:
    return [text[start:end] for start, end in zip(*segment(text, language), strict=True)]


def test_a_thai_paragraph_is_divided_where_its_sentences_end() -> None:
    assert sentences(" ".join(THAI)) == THAI


def test_lao_without_full_stops_is_divided_and_with_them_left_alone() -> None:
    assert sentences(" ".join(LAO), "lao_Laoo") == LAO
    bare = [text.removesuffix(".") for text in LAO]
    assert sentences(" ".join(bare), "lao_Laoo") == bare


@pytest.mark.parametrize(
    "text",
    [
        "ประกาศ เรื่อง วันหยุดราชการ",  # a headline
        "เขาเกิดในปี ค.ศ. 1998 ที่จังหวัดเชียงใหม่",
        "รถไฟออกเวลา 11.30 น. จากสถานีหลัก",
        "บริษัท Seam Works Co Ltd ตั้งอยู่ที่ถนนสุขุมวิท",
    ],
)
def test_what_is_short_stays_whole(text: str) -> None:
    assert sentences(text) == [text]


def test_no_cut_stands_in_brackets_before_numbers_or_before_and() -> None:
    text = " ".join(
        [
            "สวนสาธารณะแห่งใหม่มีพื้นที่กว้างมากถึง 120 ไร่ และมีต้นไม้ใหญ่ (เช่น จามจุรี ประดู่ และ ไทร) จำนวนมาก",
            "ซึ่งปลูกไว้ตั้งแต่สมัยก่อน หรือ นำมาจากป่าทางเหนือ โดยชาวบ้านช่วยกันดูแล",
        ]
    )
    for part in sentences(text)[1:]:
        assert not part.startswith(("120", "และ", "หรือ", "ซึ่ง", "โดย", "จามจุรี", "ประดู่", "ไทร"))


def test_lines_remain_lines_and_other_scripts_are_untouched() -> None:
    lines = [THAI[0] + "น.", "He came. She left.", THAI[1]]
    assert sentences("\n".join(lines)) == [lines[0], "He came.", "She left.", lines[2]]
    mixed = (
        "The word ภาษา means language and it is old and long enough to be divided if it were Thai"
    )
    assert sentences(mixed, "eng_Latn") == [mixed]


@pytest.mark.parametrize("first", [0x1A20, 0xAA80, 0x1980])  # Tai Tham, Tai Viet, New Tai Lue
def test_scripts_without_a_list_are_divided_by_length(first: int) -> None:
    phrase = "".join(chr(first + k % 40) for k in range(35))
    parts = sentences(" ".join([phrase] * 12), "und_Zyyy")
    assert [len(part) for part in parts] == [107] * 4


pieces = st.lists(
    st.sampled_from([*THAI, *LAO, "ครับ", "2566", "\n", "\n\n", "\u00a0", "OK.", '"', "(", "ๆ"]),
    max_size=25,
)


@settings(max_examples=60)
@given(st.lists(pieces, min_size=1, max_size=3))
def test_a_batch_is_its_texts_and_a_text_its_paragraphs(texts: list[list[str]]) -> None:
    joined = [" ".join(parts) for parts in texts]
    batch = segment_batch(pa.array(joined, pa.string()), ["tha_Thai"] * len(joined))
    for row, text in enumerate(joined):
        of_text = batch.texts == row
        found = list(zip(batch.starts[of_text].tolist(), batch.ends[of_text].tolist(), strict=True))
        assert found == [
            tuple(map(int, pair)) for pair in zip(*segment(text, "tha_Thai"), strict=True)
        ]
        assert "".join("".join(text[a:b] for a, b in found).split()) == "".join(text.split())
    paragraphs = [text for text in joined if text.strip()]
    whole = sentences("\n\n".join(paragraphs))
    assert whole == [part for text in paragraphs for part in sentences(text)]
