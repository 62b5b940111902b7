"""The gate for pictures, and what the others ask of them: a sound program, and copies with one thing wrong each."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from envforge.config import ValidationConfig
from envforge.sandbox import Evaluator, Sandbox
from envforge.validation import Validator
from envforge.verdict import Examination, Stage

SOUND = '''"""Dots in the frame: how many of the dots on a board lie in its framed corner.

Boards and frames grow with the level.
"""

from canvas import Canvas, Grid, look

BUCKET = "counting"
LEVELS = tuple("a b c d e f g h i j".split())
TAGS = ("counting",)
ORACLE = "equality"


def generate(rng, difficulty):
    n = 5 + difficulty
    dots = sorted(rng.sample(range(n * n), rng.randint(n, 2 * n)))
    return {"n": n, "dots": dots, "frame": rng.randint(3, n - 1), "look": look(rng)}


def prompt(state):
    return "How many dots lie in the framed corner of the board? Answer with one integer."


def reference(state):
    n, frame = state["n"], state["frame"]
    return str(sum(1 for dot in state["dots"] if dot // n < frame and dot % n < frame))


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0


def render(state):
    c = Canvas(512, 512, state["look"])
    g = Grid(c, state["n"], state["n"])
    for dot in state["dots"]:
        c.circle(g.center((dot // state["n"], dot % state["n"])), g.cell / 4, fill="ink")
    g.block(0, 0, state["frame"] - 1, state["frame"] - 1, stroke=0)
    return c.svg()
'''
LEVELS = 'LEVELS = tuple("a b c d e f g h i j".split())'
SOUND = SOUND.replace(LEVELS, f"LEVELS = ({', '.join(repr(f'level {i}') for i in range(10))})")
LAST = "    return c.svg()\n"
FRAME = '    g.block(0, 0, state["frame"] - 1, state["frame"] - 1, stroke=0)\n'
PLAIN = """    n = state["n"]
    marks = "".join(
        f"<circle cx='{20 + 40 * (d % n)}' cy='{20 + 40 * (d // n)}' r='12' fill='{state['ink']}'/>"
        for d in state["dots"]
    )
    side = 40 * state["frame"]
    frame = f"<rect width='{side}' height='{side}' fill='none' stroke='blue' stroke-width='4'/>"
    return f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {40 * n} {40 * n}'>{marks}{frame}</svg>"
"""


def changed(*edits: tuple[str, str]) -> str:
    source = SOUND
    for old, new in edits:
        assert source.count(old) == 1, (old, source.count(old))
        source = source.replace(old, new)
    return source


def drawing(code: str) -> str:
    """SOUND with more drawn at the end."""
    return changed((LAST, f"{code}\n{LAST}"))


SOUND_ONES = {
    "sound": SOUND,
    "without canvas": changed(
        ('"look": look(rng)', '"ink": rng.choice(("#202020", "#a01020", "#104080"))'),
        ("from canvas import Canvas, Grid, look\n\n", ""),
        (SOUND[SOUND.index("    c = Canvas") :], PLAIN),
    ),
    "two questions": changed(
        ('"look": look(rng)', '"rest": rng.random() < 0.5, "look": look(rng)'),
        (
            '    return "How many dots lie in the framed corner of the board? Answer with one integer."',
            '    where = "outside" if state["rest"] else "in"\n'
            '    return f"How many dots lie {where} the framed corner of the board? Answer with one integer."',
        ),
        (
            '    return str(sum(1 for dot in state["dots"] if dot // n < frame and dot % n < frame))',
            '    inner = sum(1 for dot in state["dots"] if dot // n < frame and dot % n < frame)\n'
            '    return str(len(state["dots"]) - inner if state["rest"] else inner)',
        ),
    ),
}

# What is wrong, the program, the stage that must reject it, and a part of the reason.
UNSOUND: dict[str, tuple[str, Stage, str]] = {
    "render raises": (drawing("    [][state['n'] - 11]"), Stage.L2, "IndexError"),
    "render returns bytes": (changed((LAST, "    return c.svg().encode()\n")), Stage.L2, "not str"),
    "render changes the state": (drawing('    state["dots"].append(0)'), Stage.L2, "changed the state"),
    "render never ends": (drawing("    while state['n'] > 13:\n        pass"), Stage.L2, "CPU"),
    "render writes too much": (changed((LAST, '    return c.svg() + " " * 600_000\n')), Stage.L2, "of SVG"),
    "render depends on the hash seed": (
        drawing(
            '    for word in {"one", "two", "three", "four"}:\n        c.text((256, 256), word)\n        break'
        ),
        Stage.L3,
        "picture",
    ),
    "equal pictures": (
        changed(
            ("    for dot in state", "    for dot in range(3) or state"),
            (
                '"look": look(rng)',
                '"look": {"theme": "paper", "order": [0, 1, 2, 3, 4, 5, 6, 7], "stroke": 2, "size": 18}',
            ),
        ),
        Stage.L4,
        "distinct",
    ),
    "script": (
        changed((LAST, '    return c.svg().replace("</svg>", "<script>0</script></svg>")\n')),
        Stage.PICTURE,
        "script",
    ),
    "picture from elsewhere": (
        changed(
            (LAST, '    return c.svg().replace("</svg>", "<image href=\'http://localhost/a.png\'/></svg>")\n')
        ),
        Stage.PICTURE,
        "image",
    ),
    "no SVG": (changed((LAST, '    return "dots: " + str(state["dots"])\n')), Stage.PICTURE, "rules for SVG"),
    "words on words": (
        drawing('    c.text((250, 250), "a label")\n    c.text((262, 252), "another")'),
        Stage.PICTURE,
        "overlap",
    ),
    "words beyond the edge": (
        drawing('    c.text((500, 250), "a long label")'),
        Stage.PICTURE,
        "leaves the picture",
    ),
    "tiny words": (drawing('    c.text((250, 250), "tiny", size=6)'), Stage.PICTURE, "units high"),
    "pale words": (
        drawing('    c.text((250, 250), "pale", fill=c.tint("ink", 0.93))'),
        Stage.PICTURE,
        "contrast",
    ),
    "the frame is not drawn": (changed((FRAME, "")), Stage.PICTURE, "depends on 'frame'"),
    "dots in the ground's colour": (
        changed(
            (', fill="ink")', ', fill="paper", stroke=None)'),
            ('Grid(c, state["n"], state["n"])', 'Grid(c, state["n"], state["n"], lines=None)'),
        ),
        Stage.PICTURE,
        "depends on 'dots",
    ),
    "dots under a cover": (
        changed(("    g.block(", '    c.rect(g.x, g.y, g.w, g.h, fill="panel")\n    g.block(')),
        Stage.PICTURE,
        "",
    ),
    "the answer is written there": (
        changed(
            ("Canvas(512, 512", "Canvas(512, 560"),
            ('Grid(c, state["n"], state["n"])', 'Grid(c, state["n"], state["n"], pad=50)'),
            (LAST, '    c.text((256, 540), "Dots in all " + reference(state))\n' + LAST),
        ),
        Stage.PICTURE,
        "gives the answer away",
    ),
    "the prompt says it all": (
        changed(
            (
                '"How many dots lie in the framed corner of the board? Answer with one integer."',
                "f\"On a board of {state['n']} columns there are dots at {state['dots']}, by rows from 0. How many \""
                " f\"lie in the first {state['frame']} rows and columns? Answer with one integer.\"",
            )
        ),
        Stage.PICTURE,
        "the prompt alone",
    ),
    "the wording depends on the answer": (
        changed(
            (
                '"How many dots lie in the framed corner of the board? Answer with one integer."',
                '("How many dots lie in the frame? ", "Count the dots in the frame. ", "The frame holds how many? ",'
                ' "Dots in the frame: how many? ")[int(reference(state)) % 4] * (1 + int(reference(state)) // 4)'
                ' + "Answer with one integer."',
            )
        ),
        Stage.PICTURE,
        "hardly needed",
    ),
}


@pytest.fixture(scope="module")
def examinations(sandbox: Sandbox) -> dict[str, Examination]:
    config = ValidationConfig(
        sample_per_level=32,
        hash_seeds=2,
        borderline_sample=48,
        attacked_per_level=1,
        drawn_answers=4,
        pictures_per_level=4,
    )
    validator = Validator(sandbox, config)
    programs = {**SOUND_ONES, **{name: case[0] for name, case in UNSOUND.items()}}
    with ThreadPoolExecutor(sandbox.workers) as pool:
        return dict(zip(programs, pool.map(validator.examine, programs.values())))


@pytest.mark.parametrize("name", SOUND_ONES)
def test_a_sound_picture_passes(name: str, examinations: dict[str, Examination]) -> None:
    examination = examinations[name]
    assert examination.passed, examination.failure
    assert examination.program is not None and examination.program.kind == "visual"
    picture = examination.verdicts[-1]
    assert picture.stage is Stage.PICTURE
    assert picture.evidence["changes"] > 20 and 0 < picture.evidence["foreground"][0] < 1
    json.dumps(picture.evidence, allow_nan=False)


@pytest.mark.parametrize("name", UNSOUND)
def test_what_is_wrong_with_a_picture_is_found(name: str, examinations: dict[str, Examination]) -> None:
    _, stage, reason = UNSOUND[name]
    failure = examinations[name].failure
    assert failure is not None, "it passed every gate"
    assert failure.stage is stage, failure
    assert reason in failure.reason
    json.dumps(failure.evidence, allow_nan=False)
    assert {"difficulty"} <= set(failure.evidence)


def test_evidence_names_an_instance_that_shows_the_hidden_fact(
    examinations: dict[str, Examination], evaluator: Evaluator
) -> None:
    """The same seed and level, with only the hidden part of the state changed: another answer, the same picture."""
    examination = examinations["the frame is not drawn"]
    assert examination.program is not None and examination.failure is not None
    evidence = examination.failure.evidence
    (instance,) = evaluator.instances(
        examination.program, [(evidence["seed"], evidence["difficulty"])], pictures=True
    )
    states = [{**instance.state, "frame": frame} for frame in range(3, instance.state["n"])]
    derived = evaluator.derivations(examination.program, states, prompt_first=True)
    assert len({value[1] for value in derived}) > 1 and {value[0] for value in derived} == {instance.prompt}
    assert set(evaluator.pictures(examination.program, states)) == {instance.picture}


def test_the_examination_of_a_picture_repeats(sandbox: Sandbox) -> None:
    config = ValidationConfig(sample_per_level=16, hash_seeds=1, attacked_per_level=1, drawn_answers=2)
    one, two = (Validator(sandbox, config).examine(SOUND).verdicts[-1] for _ in range(2))
    assert one.stage is Stage.PICTURE and one.evidence == two.evidence
