"""Names in wikitext that differ from wiki to wiki: namespaces and prefixes of languages."""

from __future__ import annotations

import re
from collections.abc import Iterable

# The names of File, Category and Media, with their older names, in the larger Wikipedias.
# A dump also names its own.
_NAMESPACES = """
    file|image|media|category
    fichier|média|catégorie|datei|bild|medium|kategorie|bestand|afbeelding|categorie|lêer|beeld
    archivo|imagen|medio|categoría|ficheiro|imagem|arquivo|multimédia|categoria|imaxe
    immagine|fitxer|imatge|fichièr|fișier|imagine|fitxategi|irudi|skeda|fasciculus|imago
    fil|billede|bilde|kategori|mynd|flokkur|tiedosto|kuva|luokka|fail|pilt|kategooria
    plik|grafika|kategoria|soubor|súbor|kategória|datoteka|slika|kategorija|attēls|vaizdas
    fájl|kép|íomhá|catagóir|delwedd|categori|restr|rummad|dosiero|kategorio
    dosya|resim|şəkil|fayl|kateqoriya|tasvir|turkum|faili|picha|jamii
    berkas|gambar|imej|tập tin|hình|thể loại
    файл|изображение|категория|зображення|категорія|выява|катэгорыя|картинка
    датотека|податотека|слика|категорија|сурет|санат
    αρχείο|εικόνα|κατηγορία|ფაილი|სურათი|კატეგორია|պատկեր|կատեգորիա
    קובץ|תמונה|קטגוריה|ملف|صورة|تصنيف|پرونده|تصویر|رده|فائل|زمرہ
    चित्र|श्रेणी|वर्ग|চিত্র|বিষয়শ্রেণী|படிமம்|பகுப்பு|దస్త్రం|బొమ్మ|వర్గం|ಚಿತ್ರ|ವರ್ಗ
    പ്രമാണം|ചിത്രം|വർഗ്ഗം|ไฟล์|ภาพ|หมวดหมู่
    文件|檔案|图像|圖像|分类|分類|ファイル|画像|カテゴリ|파일|그림|분류
"""

# The label of a link to a sound is text, unlike the caption of a picture.
_MEDIA = frozenset({"media", "médias", "medium", "média", "medio", "multimédia", "медиа", "медіа"})

# A link `[[de:Haus]]` stands for the same article in another Wikipedia and shows nothing.
_WIKIPEDIAS = """
    aa ab ace ady af ak als alt am ami an ang ar arc ary arz as ast atj av avk awa ay az azb ba ban
    bar bat-smg bbc bcl bdr be be-tarask be-x-old bew bg bh bi bjn blk bm bn bo bpy br bs btm bug
    bxr ca cbk-zam cdo ce ceb ch chr chy ckb co cr crh cs csb cu cv cy da dag de dga din diq dsb
    dtp dty dv dz ee el eml en eo es et eu ext fa fat ff fi fiu-vro fj fo fon fr frp frr fur fy ga
    gag gan gcr gd gl glk gn gom gor got gpe gu guc gur guw gv ha hak haw he hi hif hr hsb ht hu hy
    hyw ia iba id ie ig igl ik ilo inh io is it iu ja jam jbo jv ka kaa kab kbd kbp kcg kg kge ki kk
    kl km kn ko koi krc ks ksh ku kus kv kw ky la lad lb lbe lez lfn lg li lij lld lmo ln lo lrc lt
    ltg lv mad mai map-bms mdf mg mhr mi min mk ml mn mni mnw mos mr mrj ms mt mwl my myv mzn na nah
    nap nds nds-nl ne new nia nl nn no nov nqo nr nrm nso nv ny oc olo om or os pa pag pam pap pcd
    pcm pdc pfl pi pih pl pms pnb pnt ps pt pwn qu rm rmy rn ro roa-rup roa-tara ru rue rup rw sa
    sah sat sc scn sco sd se sg sgs sh shi shn shy si simple sk skr sl sm smn sn so sq sr srn ss st
    stq su sv sw szl szy ta tay tcy tdd te tet tg th ti tk tl tly tn to tpi tr trv ts tt tum tw ty
    tyv udm ug uk ur uz ve vec vep vi vls vo vro wa war wo wuu xal xh xmf yi yo yue za zea zgh zh
    zh-classical zh-min-nan zh-yue zu
"""

_DEFAULT = frozenset(
    [name.strip() for line in _NAMESPACES.split("\n") for name in line.split("|") if name.strip()]
    + _WIKIPEDIAS.split()
)

_SUBPAGE = re.compile(r"\A(?:\.\./|\.\.\Z|[/#])+")  # `[[../Page/]]`, `[[/Page]]`, `[[#Section]]`
_APART = re.compile(r" *(?:\([^()]*\)|（[^（）]*）)\Z|(?:, |،|，).*\Z")  # `Bau (Ort)`, `Ort, Land`


def hidden_namespaces(names: Iterable[str] = ()) -> frozenset[str]:
    """Return the link prefixes that show no text, among them `names` of the wiki at hand."""
    return _DEFAULT | {name.strip().casefold() for name in names}


def is_hidden(target: str, hidden: frozenset[str]) -> bool:
    """Whether the page that `target` begins to name is of a namespace that shows no text."""
    prefix, colon, _ = target.partition(":")
    return bool(colon) and prefix.replace("_", " ").strip().casefold() in hidden


def shown_text(target: str, label: str | None, hidden: frozenset[str]) -> str:
    """Return what a reader sees of `[[target|label]]`: nothing of pictures and categories.

    A leading colon makes a visible link of any target: `[[:Kategorie:Bam]]`.
    """
    target = target.strip()
    if is_hidden(target, hidden):
        return label or "" if is_hidden(target, _MEDIA) else ""
    if label:
        return label
    target = target.removeprefix(":")
    if label is None:
        return _SUBPAGE.sub("", target).rstrip("/") if target[:1] in "/.#" else target
    # An empty label stands for the title without its namespace and what tells it from others.
    return _APART.sub("", target.rpartition(":")[2]).strip()
