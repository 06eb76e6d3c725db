"""Build the documents' font, Portal Sans All, from Noto Sans CJK (about three minutes a weight).

    python docs/fonts/build.py /usr/share/fonts/opentype/noto portal/data/fonts

Reads NotoSansCJK-{Regular,Bold}.ttc (Debian: fonts-noto-cjk) and writes one static TrueType file a
weight with all characters of the Simplified Chinese face, plus the small digits that CO₂, CH₄ and N₂O
need and that Noto lacks. The same input gives the same bytes. The licence, OFL 1.1, asks for the new name.

Why TrueType: a CID-keyed CFF subset shows blank Chinese in some readers and fails PDF/A; Debian's
collection makes documents eight times as large and twice as slow.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.misc.transform import Transform
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

FAMILY = "Portal Sans All"
WEIGHTS = ("Regular", "Bold")
SIMPLIFIED_CHINESE_FACE = 2

EMPTY_COUNTS = [
    "maxTwilightPoints",
    "maxStorage",
    "maxFunctionDefs",
    "maxInstructionDefs",
    "maxStackElements",
    "maxSizeOfInstructions",
    "maxComponentElements",
    "maxPoints",
    "maxContours",
    "maxCompositePoints",
    "maxCompositeContours",
    "maxComponentDepth",
]
FEATURES = ["kern", "liga", "ccmp", "mark", "mkmk", "tnum", "palt", "halt"]
VERTICAL_TABLES = ["vhea", "vmtx", "VORG"]

# Where the drawn superscripts stand, in thousandths of an em, and where the small digits go.
SUPERSCRIPT_FLOOR = 441
SUBSCRIPT_FLOOR = -140
SMALL = 0.603  # the height of the drawn superscript two against the full two

DRAWN_SUPERSCRIPTS = {"1": "¹", "2": "²", "3": "³", "4": "⁴"}
SUBSCRIPTS = dict(zip("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋", strict=True))
SUPERSCRIPTS = dict(zip("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", strict=True))


def main(source: Path, target: Path) -> None:
    """Build every weight from the collections in `source` into `target`."""
    for weight in WEIGHTS:
        font = TTFont(
            source / f"NotoSansCJK-{weight}.ttc",
            fontNumber=SIMPLIFIED_CHINESE_FACE,
            recalcTimestamp=False,
        )
        keep_whole_face(font)
        rename(font, weight)
        turn_into_truetype(font)
        add_small_digits(font)
        font.save(target / f"PortalSans-all-{weight}.ttf")
        sys.stdout.write(f"{weight}: {font['maxp'].numGlyphs} glyphs\n")


def keep_whole_face(font: TTFont) -> None:
    """Drop what the other faces of the collection, vertical text and hinting need."""
    options = subset.Options()
    options.layout_features = FEATURES
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.hinting = False
    options.desubroutinize = True
    options.drop_tables += VERTICAL_TABLES
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=set(font.getBestCmap()))
    subsetter.subset(font)


def rename(font: TTFont, weight: str) -> None:
    """Give the family its own name, in every language of the name table."""
    names = {
        1: FAMILY,
        2: weight,
        4: f"{FAMILY} {weight}",
        6: f"{FAMILY.replace(' ', '')}-{weight}",
        16: FAMILY,
        17: weight,
    }
    for record in font["name"].names:
        record.string = names.get(record.nameID, record.string)


def turn_into_truetype(font: TTFont) -> None:
    """Replace the cubic outlines by quadratic ones, within one thousandth of an em."""
    glyphs = font.getGlyphSet()
    drawn = {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        drawn[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = table = newTable("glyf")
    table.glyphOrder = font.getGlyphOrder()
    table.glyphs = drawn
    del font["CFF "]
    widths = font["hmtx"].metrics
    for name, glyph in drawn.items():
        glyph.recalcBounds(table)
        widths[name] = (widths[name][0], glyph.xMin if glyph.numberOfContours else 0)
    set_truetype_headers(font)


def set_truetype_headers(font: TTFont) -> None:
    """Say in the headers that the outlines are TrueType now; the counts are filled on saving."""
    font["maxp"].tableVersion = 0x00010000
    for field in EMPTY_COUNTS:
        setattr(font["maxp"], field, 0)
    font["maxp"].maxZones = 1
    font["post"].formatType = 3.0
    font["post"].extraNames = []
    font["post"].mapping = {}
    font.sfntVersion = "\0\1\0\0"


def add_small_digits(font: TTFont) -> None:
    """Add the missing subscripts and superscripts, from drawn superscripts where there are any."""
    known = font.getBestCmap()
    for digit, small in SUPERSCRIPTS.items():
        if ord(small) not in known:
            add_glyph(font, small, digit, Transform(SMALL, 0, 0, SMALL, 0, SUPERSCRIPT_FLOOR))
    for digit, small in SUBSCRIPTS.items():
        if ord(small) in known:
            continue
        if digit in DRAWN_SUPERSCRIPTS:
            lowered = Transform(1, 0, 0, 1, 0, SUBSCRIPT_FLOOR - SUPERSCRIPT_FLOOR)
            add_glyph(font, small, DRAWN_SUPERSCRIPTS[digit], lowered)
        else:
            add_glyph(font, small, digit, Transform(SMALL, 0, 0, SMALL, 0, SUBSCRIPT_FLOOR))


def add_glyph(font: TTFont, character: str, model: str, transform: Transform) -> None:
    """Draw a character as another one, moved and scaled."""
    model_name = font.getBestCmap()[ord(model)]
    name = f"uni{ord(character):04X}"
    pen = TTGlyphPen(None)
    font.getGlyphSet()[model_name].draw(TransformPen(pen, transform))
    glyph = pen.glyph()
    table = font["glyf"]
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    table.glyphOrder = font.getGlyphOrder()
    table.glyphs[name] = glyph
    glyph.recalcBounds(table)
    width = font["hmtx"].metrics[model_name][0]
    font["hmtx"].metrics[name] = (round(width * transform.xx), glyph.xMin)
    for mapping in font["cmap"].tables:
        if mapping.isUnicode() and hasattr(mapping, "cmap"):
            mapping.cmap[ord(character)] = name


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
