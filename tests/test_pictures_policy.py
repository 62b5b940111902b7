"""The static policy for pictures: attacks, one each, and what must pass. The SVG is what a hostile program wrote."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envforge.pictures import PictureError, check_svg
from envforge.pictures.fonts import face
from envforge.pictures.geometry import Box
from envforge.pictures.markup import NAMESPACE, parse, written
from envforge.pictures.svgpolicy import examined
from envforge.pictures.texts import read
from envforge.pictures.values import number, transform
from envforge.pictures.vocabulary import ATTRIBUTES
from envforge.pictures.workload import MAX_WORK, check_workload


def svg(body: str, view: str = "0 0 640 480", more: str = "") -> str:
    return f'<svg xmlns="{NAMESPACE}" viewBox="{view}"{more}>{body}</svg>'


PASSING = {
    "empty": svg(""),
    "declaration": '<?xml version="1.0" encoding="UTF-8"?>\n' + svg(""),
    "a canvas": svg(
        '<rect width="640" height="480" fill="#ffffff"/><g font-family="DejaVu Sans" stroke-linejoin="round" '
        'stroke-linecap="round"><path d="M10 10L20 20Z" fill="none" stroke="#111111" stroke-width="2" '
        'stroke-dasharray="6 4"/><circle cx="50" cy="50" r="9.5" fill="#b00020"/><text x="40" y="60" font-size="16" '
        'text-anchor="middle" fill="#111111" font-weight="bold" transform="rotate(-30 40 60)" stroke="#ffffff" '
        'stroke-width="5" paint-order="stroke">A 1</text></g>',
        more=' width="640" height="480"',
    ),
    "every shape": svg(
        '<title>T</title><desc>D</desc><ellipse rx="3" ry="4"/><line x1="1" y1="2" x2="3" y2="4" stroke="red"/>'
        '<polyline points="1,2 3,4 5 6"/><polygon points="1 2 3 4 5 6"/>'
        '<path d="M1-2.5.5-3L3 4c1 2 3 4 5 6s1 2 3 4q1 2 3 4t1 2a5 5 0 0110 10h3v-3z m1 1 2 2"/>'
    ),
    "gradient and clip": svg(
        '<defs><linearGradient id="g" x1="0%" x2="100%"><stop offset="0" stop-color="red"/>'
        '<stop offset="100%" stop-color="#00f"/></linearGradient><clipPath id="c"><circle r="40"/></clipPath></defs>'
        '<rect width="90" height="90" fill="url(#g)" clip-path="url(#c)"/>'
    ),
    "tspans": svg(
        '<text x="9" y="30">a<tspan dy="20" font-size="12">b</tspan><tspan x="9" y="80">c</tspan></text>'
    ),
    "symbols": svg('<text y="30">→ ← ↑ ↓ × ÷ ≤ ≥ ≠ ° √ π ∞ ★ ▲ ● ■ ♠ ∠ ⊥ &lt;&amp;&#65;</text>'),
    "shares": svg(
        '<g opacity=".5" transform="translate(3,4) scale(2) matrix(1 0 0 1 0 0)"><circle r="3"/></g>'
    ),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_a_picture_needs_passes(name: str) -> None:
    assert check_svg(PASSING[name]) == []


ENTITIES = (
    '<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    f'<svg xmlns="{NAMESPACE}" viewBox="0 0 99 99"><text>&c;</text></svg>'
)
# Name: the document, and words that the objection must hold.
ATTACKS = {
    "nothing": ("", "well-formed"),
    "no XML": ("hello", "well-formed"),
    "cut off": (svg("")[:-3], "well-formed"),
    "two roots": (svg("") * 2, "well-formed"),
    "entity bomb": (ENTITIES, "DOCTYPE"),
    "external entity": (
        f'<!DOCTYPE svg [<!ENTITY f SYSTEM "file:///etc/passwd">]>{svg("<text>&f;</text>")}',
        "DOCTYPE",
    ),
    "external DTD": (f'<!DOCTYPE svg PUBLIC "x" "http://example.com/a.dtd">{svg("")}', "DOCTYPE"),
    "undeclared entity": (svg("<text>&nbsp;</text>"), "well-formed"),
    "stylesheet instruction": (f'<?xml-stylesheet href="file:///a.css"?>{svg("")}', "processing instruction"),
    "other encoding": (f'<?xml version="1.0" encoding="UTF-7"?>{svg("")}', "UTF-8"),
    "byte order mark": ("\ufeff" + svg(""), "byte order mark"),
    "lone surrogate": (svg("<text>\ud800</text>"), "surrogate"),
    "NUL": (svg("<text>\0</text>"), "well-formed"),
    "NUL by number": (svg("<text>&#0;</text>"), "well-formed"),
    "comment": (svg("<!-- the answer is 7 -->"), "comment"),
    "comment in a word": (svg("<text>1<!---->2</text>"), "comment"),
    "comment that hides an end": (svg("<text>1<!--</text>--></text>"), "comment"),
    "CDATA": (svg("<text><![CDATA[<script/>]]></text>"), "CDATA"),
    "too long": (svg(" " * (512 * 1024)), "bytes"),
    "too long in UTF-8 only": (svg("<desc>" + "é" * (300 * 1024) + "</desc>"), "bytes"),
    "no namespace": ('<svg viewBox="0 0 99 99"/>', "xmlns"),
    "other namespace": ('<svg xmlns="http://example.com" viewBox="0 0 99 99"/>', "xmlns"),
    "HTML root": ("<html><body/></html>", "root element"),
    "prefix": (
        f'<s:svg xmlns:s="{NAMESPACE}" viewBox="0 0 99 99"><s:script>1</s:script></s:svg>',
        "prefix",
    ),
    "declared prefix": (svg("", more=' xmlns:xlink="http://www.w3.org/1999/xlink"'), "prefix"),
    "text in a foreign namespace": (svg('<text xmlns="http://example.com">7</text>'), "xmlns"),
    "foreign prefix": (svg("<x:text>7</x:text>"), "prefix"),
    "xml:base": (svg("", more=' xml:base="file:///"'), "prefix"),
    "script": (svg("<script>alert(1)</script>"), "script"),
    "script in capitals": (svg("<SCRIPT/>"), "SCRIPT"),
    "handler": (svg("", more=' onload="alert(1)"'), "onload"),
    "handler of a shape": (svg('<rect width="1" height="1" onclick="a()"/>'), "onclick"),
    "foreignObject": (svg("<foreignObject><p/></foreignObject>"), "foreignObject"),
    "image": (svg('<image href="file:///etc/passwd"/>'), "image"),
    "embedded image": (svg('<image href="data:image/png;base64,AAAA"/>'), "image"),
    "use": (svg('<use href="#a"/>'), "use"),
    "href": (svg('<rect width="1" height="1" href="file:///etc/passwd"/>'), "href"),
    "link": (svg('<a href="http://example.com"/>'), "'a'"),
    "style element": (svg("<style>@import url(file:///a.css)</style>"), "style"),
    "style attribute": (svg('<rect width="1" height="1" style="fill:url(http://example.com)"/>'), "style"),
    "class": (svg('<rect width="1" height="1" class="a"/>'), "class"),
    "far paint": (svg('<rect width="1" height="1" fill="url(http://example.com/a#b)"/>'), "fill"),
    "paint with a fallback": (svg('<rect width="1" height="1" fill="url(#a) red"/>'), "fill"),
    "dangling paint": (svg('<rect width="1" height="1" fill="url(#a)"/>'), "leads to no linearGradient"),
    "paint of the wrong kind": (
        svg('<clipPath id="a"/><rect width="1" height="1" fill="url(#a)"/>'),
        "leads to no linearGradient",
    ),
    "dangling clip": (svg('<g clip-path="url(#a)"/>'), "leads to no clipPath"),
    "clip in a clip": (
        svg('<clipPath id="a"><rect width="1" height="1" clip-path="url(#a)"/></clipPath>'),
        "of its own",
    ),
    "two of one id": (svg('<g id="a"/><g id="a"/>'), "twice"),
    **{
        name: (svg(f"<{name}/>"), name)
        for name in "filter mask pattern marker symbol switch animate set radialGradient view textPath".split()
    },
    "animation in a shape": (svg('<circle r="3"><animate attributeName="r"/></circle>'), "animate"),
    "font from elsewhere": (svg('<text font-family="url(http://example.com/f.ttf)">a</text>'), "font"),
    "other font": (svg('<text font-family="Arial">a</text>'), "font"),
    "font size in em": (svg('<text font-size="2em">a</text>'), "font-size"),
    "baseline": (svg('<text dominant-baseline="middle">a</text>'), "dominant-baseline"),
    "text outside of texts": (svg("<g>7</g>"), "holds text"),
    "shape in a text": (svg('<text><circle r="3"/></text>'), "circle"),
    "no glyph": (svg("<text>中</text>"), "cannot draw"),
    "private character": (svg("<text>\ue000</text>"), "U+E000"),
    "turned reading direction": (svg("<text>12\u202e34</text>"), "U+202E"),
    "zero width": (svg("<text>1\u200b2</text>"), "U+200B"),
    "no-break space": (svg("<text>1\u00a02</text>"), "U+00A0"),
    "pile of accents": (svg("<text>a" + "\u0301" * 50 + "</text>"), "combining"),
    "right to left": (svg("<text>\u05d0</text>"), "right to left"),
    "no viewBox": (f'<svg xmlns="{NAMESPACE}"/>', "viewBox"),
    "viewBox of three": (svg("", "0 0 9"), "four numbers"),
    "viewBox of words": (svg("", "a b c d"), "viewBox"),
    "NaN viewBox": (svg("", "0 0 NaN 99"), "viewBox"),
    "infinite viewBox": (svg("", "0 0 1e999 99"), "viewBox"),
    "negative viewBox": (svg("", "0 0 -99 99"), "each side"),
    "flat viewBox": (svg("", "0 0 0 99"), "each side"),
    "huge viewBox": (svg("", "0 0 99999 99999"), "each side"),
    "ribbon": (svg("", "0 0 4000 99"), "4 times"),
    "far viewBox": (svg("", "90000 0 99 99"), "origin"),
    "other size": (svg("", more=' width="640" height="99999"'), "ratio"),
    "one side": (svg("", more=' width="640"'), "only one"),
    "side in per cent": (svg("", more=' width="100%" height="100%"'), "width"),
    "NaN": (svg('<circle r="NaN"/>'), "no plain number"),
    "infinity": (svg('<circle r="inf"/>'), "no plain number"),
    "overflow": (svg('<circle r="1e400"/>'), "1000000"),
    "large": (svg('<circle r="1000000"/>'), "1000000"),
    "underscored digits": (svg('<circle r="1_0"/>'), "no plain number"),
    "Arabic digits": (svg('<circle r="\u0661"/>'), "no plain number"),
    "negative radius": (svg('<circle r="-1"/>'), "negative"),
    "missing radius": (svg('<circle cx="1"/>'), "lacks"),
    "list of places": (svg('<text x="1 2 3">abc</text>'), "x="),
    "transform of nonsense": (svg('<g transform="rotate(1 2)"/>'), "transform"),
    "transform by name": (svg('<g transform="ref(svg)"/>'), "transform"),
    "pile of transforms": (svg('<g transform="' + "scale(9)" * 9 + '"/>'), "transform"),
    "path from nowhere": (svg('<path d="L1 2"/>'), "begin with M"),
    "path of words": (svg('<path d="M1 2 hello"/>'), "path data"),
    "path cut off": (svg('<path d="M1 2 L3"/>'), "path data"),
    "path after its end": (svg('<path d="M1 2 Z 5"/>'), "path data"),
    "path with NaN": (svg('<path d="M1 2 LNaN 3"/>'), "path data"),
    "path that creeps away": (svg('<path d="M0 0' + "l900000 0" * 3 + '"/>'), "1000000"),
    "path of too many segments": (svg('<path d="M0 0' + "h1" * 20001 + '"/>'), "segments"),
    "odd points": (svg('<polyline points="1 2 3"/>'), "points"),
    "dash of nothing": (svg('<line x2="9" stroke="red" stroke-dasharray="0 0"/>'), "stroke-dasharray"),
    "negative dash": (svg('<line x2="9" stroke="red" stroke-dasharray="5 -1"/>'), "stroke-dasharray"),
    "many kinds of dashes": (
        svg('<line x2="9" stroke="red" stroke-dasharray="' + "1 " * 9 + '"/>'),
        "stroke-dash",
    ),
    "dash bomb": (
        svg('<path fill="none" stroke="red" stroke-dasharray="1" d="M0 0' + "H640V480H0V0" * 20 + '"/>'),
        "dashes",
    ),
    "dash bomb by scale": (
        svg(
            '<g transform="scale(.001)"><path stroke="red" stroke-dasharray="1" d="M0 0H640000V480000"/></g>'
        ),
        "dashes",
    ),
    "inherited dash bomb": (
        svg('<g stroke="red" stroke-dasharray=".5 .5"><path d="M0 0' + "H640H0" * 40 + '"/></g>'),
        "dashes",
    ),
    "dashed letters": (
        svg('<g stroke="red" stroke-dasharray="1" font-size="400"><text>' + "W" * 40 + "</text></g>"),
        "dashes",
    ),
    "wide stroke": (svg('<line x2="9" stroke="red" stroke-width="99999"/>'), "stroke-width"),
    "many elements": (svg("<g/>" * 20_000), "elements"),
    "deep": (svg("<g>" * 20 + "</g>" * 20), "deep"),
    "very deep": (svg("<g>" * 60_000 + "</g>" * 60_000), "deep"),
    "many attributes": (svg("<g " + " ".join(f'a{n}=""' for n in range(50_000)) + "/>"), "attribute"),
    "planes": (svg('<rect width="640" height="480" fill-opacity=".5"/>' * 400), "too much drawing"),
    "layers": (svg('<g opacity=".5"><circle r="9"/></g>' * 60), "too much drawing"),
    "layers in layers": (svg(('<g opacity=".5">' * 18 + "</g>" * 18) * 9), "too much drawing"),
    "clipped again and again": (
        svg(
            '<clipPath id="a"><circle r="400"/></clipPath>'
            + '<g clip-path="url(#a)"><circle r="9"/></g>' * 60
        ),
        "too much drawing",
    ),
    "scribble": (
        svg('<path fill="none" stroke="red" d="M0 0' + "L640 480L0 480L640 0" * 4000 + '"/>'),
        "too much drawing",
    ),
    "giant letters": (svg('<text font-size="900">' + "W" * 400 + "</text>"), "too much drawing"),
    "novel": (svg("<text>" + "W" * 5001 + "</text>"), "characters"),
    "many texts": (svg("<text>1</text>" * 2001), "texts"),
    "shape out of reach": (svg('<circle cx="900000" r="9"/>'), "reaches"),
    "scale without end": (svg('<g transform="scale(100000)"><circle r="9"/></g>'), "reaches"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_in_a_sentence(name: str) -> None:
    text, words = ATTACKS[name]
    sentences = check_svg(text)
    assert sentences, "it passed"
    assert any(words in sentence for sentence in sentences), sentences
    assert all(
        sentence.isprintable() and sentence.isascii() and len(sentence) < 300 for sentence in sentences
    )


def test_every_objection_is_told_up_to_a_dozen() -> None:
    sentences = check_svg(svg('<circle r="x"/><use/>' + "".join(f"<b{n}/>" for n in range(40))))
    assert len(sentences) == 12
    assert "no plain number" in sentences[0] and "'use'" in sentences[1]


def test_no_attribute_may_name_a_resource() -> None:
    """Whatever the attribute: an address in it is refused (only local ids of gradients and clips are not)."""
    for element, table in ATTRIBUTES.items():
        for attribute, check in table.items():
            for address in (
                "url(http://example.com/a)",
                "file:///etc/passwd",
                "javascript:a()",
                "url(a.svg#b)",
            ):
                with pytest.raises(ValueError, match=r"^(is|names|has|gives) "):
                    check(address)
                    raise AssertionError(f"{attribute} of {element} lets {address} in")


def test_work_grows_with_what_is_drawn() -> None:
    def work(body: str) -> float:
        return check_workload(*examined(svg(body)))

    board = "".join(
        f'<path d="M{x * 16} {y * 16}h16v16" stroke="#111" fill="none"/>'
        for x in range(40)
        for y in range(30)
    )
    assert work("") < 0.1
    assert work('<rect width="640" height="480"/>') == pytest.approx(1.05, abs=0.1)
    assert work('<rect width="640" height="480"/>' * 9) == pytest.approx(
        9 * work('<rect width="640" height="480"/>'), rel=0.1
    )
    assert work('<rect width="640" height="480" transform="scale(.1)"/>') < 0.05
    assert work(board) < MAX_WORK / 10  # what is worth looking at is far from the limit


VALUES = st.sampled_from(
    "0 1 -1 .5 1e5 99999 none red #123 url(#a) rotate(9) scale(1e5) M0,0L9,9 1,2,3,4 NaN bold 1% &lt; 1em".split()
)
NAMES = st.sampled_from(sorted(ATTRIBUTES))
ATTRIBUTE_NAMES = st.sampled_from(
    sorted({name for table in ATTRIBUTES.values() for name in table} | {"href", "style"})
)


@st.composite
def documents(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(NAMES)
    attributes = draw(st.dictionaries(ATTRIBUTE_NAMES, VALUES, max_size=4))
    inner = draw(st.lists(documents(depth + 1), max_size=2)) if depth < 3 else []
    words = draw(st.sampled_from(["", "", "A", " ", "&#8238;"]))
    written_out = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f"<{name} {written_out}>{words}{''.join(inner)}</{name}>"


@given(documents())
@settings(max_examples=200, deadline=None)
def test_the_policy_never_raises_and_what_passes_is_read(body: str) -> None:
    text = svg(body)
    if not check_svg(text):
        drawing = read(text)
        assert parse(written(drawing.root)) == parse(text)


@given(st.text(max_size=80), st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_the_policy_never_raises_on_damaged_documents(damage: str, place: int) -> None:
    whole = PASSING["a canvas"]
    sentences = check_svg(whole[: place * 8] + damage + whole[place * 8 + len(damage) :])
    assert all(sentence.isprintable() for sentence in sentences)


@given(st.text(max_size=20))
def test_a_number_is_what_python_and_svg_agree_on(text: str) -> None:
    try:
        value = number(text)
    except ValueError:
        return
    assert value == float(text.strip().removesuffix("px")) and abs(value) < 1e6


def test_transforms_compose_from_left_to_right() -> None:
    matrix = transform("translate(10 20) rotate(90) scale(2)")
    x, y = matrix.apply((3, 0))
    assert (x, y) == pytest.approx((10, 26))
    assert transform("rotate(90 5 5)").apply((5, 0)) == pytest.approx((10, 5))
    assert transform("skewX(45)").apply((0, 2)) == pytest.approx((2, 2))
    assert Box(0, 0, 1, 1).mapped(matrix).area == pytest.approx(4)
    assert matrix.stretch == pytest.approx(2) and matrix.scale == pytest.approx(2)


def test_the_document_that_is_drawn_says_what_the_one_that_came_said() -> None:
    text = svg('<text y="9">a &lt;b&gt; &amp; &quot;c&quot;</text><g id="x"/>')
    assert parse(written(parse(text))) == parse(text)
    with pytest.raises(PictureError, match="CDATA"):
        parse(svg("<text><![CDATA[a]]></text>"))


def test_the_faces_are_those_shipped() -> None:
    regular, bold = face(False), face(True)
    assert regular.advance("MMM") == pytest.approx(3 * regular.advance("M"))
    assert regular.advance("A") == pytest.approx(1401 / 2048)  # DejaVu Sans 2.37
    assert bold.advance("A") > regular.advance("A")
    assert regular.ink(" ") is None and not regular.draws("中")
