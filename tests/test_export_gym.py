"""A library as a package: installed, used without a registry, loaded back; and what is refused on the way."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import campaign
import eyes
import pytest
import toys
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_cli import QUICK, ROOT, envforge, surroundings

from envforge.config import load_config
from envforge.contract import Proposal, content_id, derive_seed
from envforge.errors import UsageError
from envforge.export.gym import entries_of, module_name, write_package
from envforge.export.package import BrokenProgram, Library, read_package
from envforge.export.package.manifest import digest_of
from envforge.locations import data_folder
from envforge.registry import Registry
from envforge.sandbox import Evaluator, Sandbox
from envforge.validation import Validator
from envforge.verdict import Calibration, LevelRate

SEED = data_folder("seeds") / "text" / "subset_sum.py"
FIRST, LAST = toys.FOLDER / "first.py", toys.FOLDER / "last.py"


def python(script: str, *arguments: object, path: object = "", **variables: str) -> str:
    """What a script says in a process of its own that finds envforge and the folder `path`."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd="/",
        capture_output=True,
        text=True,
        timeout=300,
        env=surroundings(PYTHONPATH=os.pathsep.join([str(path), str(ROOT)]), **variables),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("quick") / "quick.toml"
    file.write_text(QUICK)
    return file


@pytest.fixture(scope="module")
def library(sandbox: Sandbox, quick: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seed, its child (by a candidate that was refused), which is retired, and a grandchild that is calibrated and
    held out; all but the candidate have passed the gates."""
    place = tmp_path_factory.mktemp("library") / "library.db"
    validator = Validator(sandbox, load_config(quick).validation)
    source = SEED.read_text("utf-8")
    titles = ("Subset sum of a child:", "Subset sum of a grandchild:")
    seed, child, grandchild = (
        validator.examine(text)
        for text in (source, *(source.replace("Subset sum:", title) for title in titles))
    )
    assert len({seed.id, child.id, grandchild.id}) == 3 and seed.passed and child.passed and grandchild.passed
    candidate = source.replace("Subset sum:", "A candidate:")
    rates = LevelRate(
        3, 0.5, 0.45, 0.2, 0.8, 0.1, 1, ({"seed": 5, "answer": "1", "score": 0.5, "tokens": 9},)
    )
    with Registry.open(place, create=True) as registry:
        run = registry.start_run(proposer="model", seed=0, config={}, version="0", isolation="1")
        with registry.transaction() as transaction:
            transaction.add_seed(seed, SEED.name, None)

            def record(index: int, text: str, examination: Any, parents: tuple[str, ...], depth: int) -> None:
                proposal = Proposal(index, "model", "deepen", text, parents)
                outcome = "rejected" if examination is None else "admitted"
                transaction.record(run, proposal, examination, outcome, origin="model", depth=depth)

            record(0, candidate, None, (seed.id,), 1)
            record(1, child.source, child, (content_id(candidate),), 1)
            record(2, grandchild.source, grandchild, (child.id, seed.id), 2)
            transaction.set_status(child.id, "retired", "too easy", run)
            transaction.add_calibration(
                Calibration(grandchild.id, "model-7", (rates,), 0.45, 0.2, 0.8, None, True, "", 99), "1", run
            )
            transaction.hold_out([grandchild.id], "for the paper", run)
        registry.finish_run(run, "finished")
    return place


@pytest.fixture(scope="module")
def ids(library: Path) -> list[str]:
    with Registry.open(library, read_only=True) as registry:
        return [entry.program.id for entry in registry.library(("admitted", "retired"))]


@pytest.fixture(scope="module")
def project(library: Path, ids: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "my-library"
    done = envforge("export", *ids, "--db", library, "--format", "gym", "--out", folder)
    assert done.code == 0 and "Wrote 3 environments" in done.out and "package my_library" in done.out, (
        done.err
    )
    return folder


@pytest.fixture(scope="module")
def mixed(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of a package with two environments that draw and two of text."""
    folder = tmp_path_factory.mktemp("mixed")
    with Registry.open(folder / "library.db", create=True) as registry:
        programs = [
            eyes.admitted(registry, Evaluator(sandbox), file)
            for file in (eyes.COLOUR, eyes.SIDE, FIRST, LAST)
        ]
        write_package(entries_of(registry, programs), folder / "mixed", "mixed")
    return folder / "mixed"


USE = """
import importlib, json, sys
name, order = sys.argv[1:]
package = importlib.import_module(name)
assert "sqlalchemy" not in sys.modules and "envforge.sandbox.client" in sys.modules
from envforge.export.package import process
assert process._HELD.evaluator is None, "importing starts no sandbox"
data = package.create_dataset(size=70, seed=4)
if order == "forwards":
    items = list(data)
else:
    items = data.__getitems__(list(reversed(range(70))))[::-1]
right = data.score_answers([item["answer"] for item in items], items)
wrong = data.score_answers(["?"] * 70, items)
assert not any(name.startswith("sqlalchemy") for name in sys.modules)
programs = [module for module in sys.modules if "programs" in module and module.startswith(name)]
print(json.dumps([items, right, wrong, programs]))
"""


def test_round_trip(library: Path, ids: list[str], project: Path, quick: Path, tmp_path: Path) -> None:
    """Export, install with pip, use it where there is no registry, load it back by its name, export again: the same
    bytes, so nothing is lost."""
    target = tmp_path / "target"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps"]
    subprocess.run([*pip, "--target", str(target), str(project)], check=True, timeout=300)
    items, right, wrong, programs = json.loads(python(USE, "my_library", "forwards", path=target))
    assert right == [1.0] * 70 and wrong == [0.0] * 70 and programs == []
    assert [item["metadata"]["id"] for item in items[:6]] == [*ids, *ids]
    assert items[7]["metadata"] | {"title": ""} == {
        "source_dataset": "subset_sum_of_a_child", "source_index": 2, "id": ids[1], "title": "", "difficulty": 2,
        "seed": derive_seed("package/4", ids[1], 2, 2), "oracle": "feasibility",
        "tags": ["search", "arithmetic", "constraint-satisfaction"],
    }  # fmt: skip

    back = tmp_path / "back.db"
    done = envforge(
        "registry", "import", "my_library", "--db", back, "--config", quick, "--json",
        PYTHONPATH=os.pathsep.join([str(target), str(ROOT)]),
    )  # fmt: skip
    assert done.code == 0, done.err
    assert done.json == {
        "package": "my_library", "imported": ids, "known": [], "refused": [], "orphans": 0, "run": 1,
    }  # fmt: skip
    with Registry.open(library, read_only=True) as first, Registry.open(back, read_only=True) as second:
        for id in ids:
            one, other = first.environment(id), second.environment(id)
            assert dataclasses.replace(one.summary, run=None, created_at=other.summary.created_at) == (
                dataclasses.replace(other.summary, run=None)
            )
            assert (one.source, one.program, one.profile) == (other.source, other.program, other.profile)
            assert [verdict.verdict.stage for verdict in other and second.verdicts(id)] == [
                verdict.verdict.stage for verdict in first.verdicts(id)
            ]
        assert first.lineage_edges() == second.lineage_edges()
        assert first.held_out() == second.held_out() == {ids[2]: "for the paper"}
        assert second.environment(ids[2]).parents == (ids[1], ids[0])
        assert second.environment(ids[1]).parents == (ids[0],)  # the candidate between them is passed over
        assert second.environment(ids[1]).status == "retired" and second.latest_unfinished_run() is None
        (calibration,) = second.calibrations(ids[2])
        (original,) = first.calibrations(ids[2])
        levels = tuple(dataclasses.replace(level, responses=()) for level in original.calibration.levels)
        assert calibration.calibration == dataclasses.replace(original.calibration, levels=levels)
    again = tmp_path / "again"
    assert (
        envforge("export", *ids, "--db", back, "--format", "gym", "--name", "my_library", "--out", again).code
        == 0
    )
    files = sorted(path.relative_to(project) for path in project.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert all(
        (project / file).read_bytes() == (again / file).read_bytes() for file in files if file.name != "build"
    )

    once_more = envforge("registry", "import", project, "--db", back, "--config", quick, "--json")
    assert once_more.code == 0 and (once_more.json["known"], once_more.json["run"]) == (ids, None)


def test_the_same_in_every_process(project: Path) -> None:
    """Whatever the order, the batches and the hash seed."""
    one = python(USE, "my_library", "forwards", path=project, PYTHONHASHSEED="1")
    other = python(USE, "my_library", "backwards", path=project, PYTHONHASHSEED="2")
    assert one == other


def test_a_part_alone_is_as_in_the_whole(mixed: Path) -> None:
    """An item depends on its environment, level, seed and number alone."""
    library = Library(mixed / "mixed")
    whole = library.create_dataset(size=40, seed=1, pictures="none")
    name = "last_letter_of_a_row"
    alone = library.create_dataset(name, size=5, seed=1)
    assert [whole[4 * number + 3] for number in range(5)] == list(alone)
    assert alone[-1] == alone[4] and len(alone) == 5
    assert {
        item["metadata"]["difficulty"] for item in library.create_dataset(name, 6, difficulty=(7, 2))
    } == {2, 7}
    other = library.create_dataset(alone[0]["metadata"]["id"][:5], size=5, seed=2)
    assert not {item["metadata"]["seed"] for item in other} & {item["metadata"]["seed"] for item in alone}
    with pytest.raises(IndexError):
        alone[5]


def test_pictures(mixed: Path) -> None:
    library = Library(mixed / "mixed")
    (drawn,) = library.create_dataset("colour_of_a_square", size=1, width=96)
    (svg,) = library.create_dataset("colour_of_a_square", size=1, pictures="svg")
    (bare,) = library.create_dataset("colour_of_a_square", size=1, pictures="none")
    picture = drawn["metadata"].pop("picture")
    assert picture.startswith(b"\x89PNG") and int.from_bytes(picture[16:20]) == 96
    assert svg["metadata"].pop("picture").startswith("<svg") and drawn == svg == bare
    assert "picture" not in library.create_dataset("first_letter_of_a_row", size=1)[0]["metadata"]


def test_answers(mixed: Path) -> None:
    library = Library(mixed / "mixed")
    data = library.create_dataset("first_letter_of_a_row", size=2)
    item = json.loads(json.dumps(data[1]))  # as it comes back from a file
    right = item["answer"]
    given = [right, f" {right}\n", f"<answer>{right}</answer>", "", None, "x" * 10_001, "\ud800"]
    assert data.score_answers(given, [item] * len(given)) == [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    said = [f"It is <answer>{right}</answer>", right]
    assert library.score_responses([data.key(1)] * 2, said) == [1.0, 0.0]
    for bad in ({}, {"metadata": None}, {"metadata": item["metadata"] | {"seed": "1"}}):
        with pytest.raises(UsageError, match="no entry"):
            data.score_answer("1", bad)
    with pytest.raises(UsageError, match="an answer is a text or None"):
        data.score_answer(1, item)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="has no environment 'aaaa'"):
        data.score_answer("1", {"metadata": item["metadata"] | {"id": "aaaa"}})
    with pytest.raises(UsageError, match="there is no level 10"):
        data.score_answer("1", {"metadata": item["metadata"] | {"difficulty": 10}})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "first_leter_of_a_row"}, "did you mean 'first_letter_of_a_row'"),
        ({"name": []}, "at least one environment"),
        ({"name": ["db4a", "first_letter_of_a_row"]}, "each once"),
        ({"difficulty": 10}, "has levels 0 to 9"),
        ({"difficulty": []}, "at least one level"),
        ({"size": 0}, "at least 1 instance"),
        ({"seed": 1.5}, "a whole number"),
        ({"pictures": "gif"}, "'png', 'svg' or 'none'"),
    ],
)
def test_what_is_no_data_set(arguments: dict[str, Any], words: str, mixed: Path) -> None:
    with pytest.raises(UsageError, match=words):
        Library(mixed / "mixed").create_dataset(**arguments)


FORK = """
import multiprocessing, sys
sys.path.insert(0, sys.argv[1])
import campaign

def scored(index):
    item = data[index]
    return data.score_answer(item["answer"], item), item

if __name__ == "__main__":
    import mixed
    from envforge.export.package import process
    data = mixed.create_dataset("first_letter_of_a_row", size=8)
    own = [scored(index) for index in range(8)]
    with process._HELD.lock:  # as if another thread were at it
        pool = multiprocessing.get_context("fork").Pool(2)
    assert pool.map(scored, range(8), chunksize=1) == own
    pool.close()
    pool.join()
    assert [scored(index) for index in range(8)] == own, "the parent's goes on"
    print("done")
"""
MIDDLE = """
import os, subprocess, sys
sys.path.insert(0, sys.argv[1])
import campaign
campaign.adopt_orphans()
print(subprocess.run([sys.executable, "-c", sys.argv[2], sys.argv[1]], capture_output=True, text=True))
print(sorted(campaign.gone(os.getpid()).values()))
"""


def test_forks_have_their_own_sandbox_and_leave_nothing(mixed: Path) -> None:
    said = python(MIDDLE, Path(campaign.__file__).parent, FORK, path=mixed).splitlines()
    assert "returncode=0, stdout='done\\n'" in said[0], said
    assert said[1] == "[]", "a process was left"


BROKEN = """
import mixed
from envforge.errors import SandboxError
from envforge.export.package import configure, process
data = mixed.create_dataset("first_letter_of_a_row", size=70)
first = data[0]
try:
    configure(workers=1)
except Exception as error:
    print(error)
process.evaluator().sandbox.close()
for call in (lambda: data.score_answer("a", first), lambda: mixed.trl_reward(
        [], ["<answer>a</answer>"], environment=[first["metadata"]["id"]], seed=[1], difficulty=[0])):
    try:
        print(call())
    except SandboxError as error:
        print(error)
"""


def test_our_failure_is_no_reward(mixed: Path) -> None:
    said = python(BROKEN, path=mixed).splitlines()
    assert "before the first use" in said[0] and said[1:] == ["the sandbox is closed"] * 2


def test_a_program_that_breaks_is_no_reward(sandbox: Sandbox, tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    source = FIRST.read_text("utf-8").replace(
        "return 1.0 if", "return 1 / len(answer.strip('!')) if '!' in answer else 1.0 if"
    )
    bad.write_text(
        source.replace("for _ in range(3 + difficulty)]", "for _ in range(12 // (9 - difficulty))]")
    )
    with Registry.open(tmp_path / "r.db", create=True) as registry:
        program = eyes.admitted(registry, Evaluator(sandbox), bad)
        write_package(entries_of(registry, [program]), tmp_path / "bad", "bad")
    library = Library(tmp_path / "bad" / "bad")
    data = library.create_dataset(size=2, difficulty=0)
    assert data.score_answer(data[0]["answer"], data[0]) == 1.0
    with pytest.raises(BrokenProgram, match=r"cannot score '!!'.*ZeroDivisionError"):
        data.score_answers(["a", "!!"], [data[0], data[1]])
    with pytest.raises(BrokenProgram, match="level 9 cannot be made"):
        library.create_dataset(size=1, difficulty=9)[0]


def edited(folder: Path, change: Callable[[dict[str, Any]], object], fitting: bool = True) -> None:
    """Change a manifest, with a digest that fits again."""
    data = json.loads((folder / "manifest.json").read_text())
    change(data)
    (folder / "manifest.json").write_text(
        json.dumps({**data, "digest": digest_of(data)} if fitting else data, allow_nan=True)
    )


def entry(number: int, **fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda data: data["environments"][number].update(fields)


def swapped(data: dict[str, Any]) -> None:
    data["environments"].reverse()


def with_program(folder: Path, text: str) -> str:
    """Replace the first program's source, and what the manifest says of its bytes."""
    file = next(iter(sorted((folder / "programs").glob("*.py"))))
    file.write_text(text)
    number = [one["id"] for one in json.loads((folder / "manifest.json").read_text())["environments"]].index(
        file.stem
    )
    edited(folder, entry(number, sha256=hashlib.sha256(text.encode()).hexdigest()))
    return file.stem


TAMPERED: dict[str, tuple[Callable[[Path], object], str]] = {
    "source": (lambda f: with_program(f, SEED.read_text() + "\n# more"), "was changed after its export: its source"),
    "white space": (
        lambda f: [path.write_text(path.read_text() + "\n") for path in (f / "programs").glob("*.py")], "SHA-256",
    ),
    "title": (lambda f: edited(f, entry(0, title="Easy."), False), "its digest does not fit"),
    "missing program": (lambda f: [path.unlink() for path in (f / "programs").glob("*.py")], "No such file"),
    "other program": (lambda f: (f / "programs" / "other.py").touch(), "other.py is not in the manifest"),
    "no manifest": (lambda f: (f / "manifest.json").write_text("{"), "is no JSON"),
    "not a number": (lambda f: edited(f, entry(0, guess_floors=[float("nan")])), "is no JSON"),
    "of a data set": (lambda f: edited(f, lambda d: d.update(written_as="jsonl")), "is no manifest of a package"),
    "newer": (lambda f: edited(f, lambda d: d.update(format=2)), "use a newer one"),
    "way out": (lambda f: edited(f, entry(0, id="../../../../etc/x")), "is no environment id"),
    "module": (lambda f: edited(f, lambda d: d.update(module="a-b")), "is no name of a module"),
    "name": (lambda f: edited(f, entry(0, name="import os")), "is no name of lower-case letters"),
    "twice": (lambda f: edited(f, entry(1, name="subset_sum")), "two environments have the name"),
    "order": (lambda f: edited(f, swapped), "comes before its parent"),
    "status": (lambda f: edited(f, entry(0, status="quarantined")), "is none of the statuses"),
    "depth": (lambda f: edited(f, entry(0, depth=10**30)), "out of range"),
    "type": (lambda f: edited(f, entry(0, tags="a")), "not of its type"),
    "rate": (lambda f: edited(f, lambda d: d["environments"][2]["calibrations"][0].pop("rate")), "'rate' is missing"),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_changed_is_refused(how: str, project: Path, tmp_path: Path) -> None:
    change, words = TAMPERED[how]
    folder = tmp_path / "copy"
    shutil.copytree(project / "my_library", folder)
    read_package(folder)
    change(folder)
    with pytest.raises(UsageError, match=words):
        read_package(folder)
    with pytest.raises(UsageError, match=words):
        Library(folder).create_dataset()


def test_the_command_refuses_in_one_sentence(project: Path, quick: Path, tmp_path: Path) -> None:
    """A changed source; a manifest that says something else than its sources; a place without a package. Nothing
    comes into the registry."""
    changed, lying, db = tmp_path / "changed", tmp_path / "lying", tmp_path / "r.db"
    for folder in (changed, lying):
        shutil.copytree(project, folder)
    with_program(changed / "my_library", SEED.read_text() + "\n# more")
    edited(lying / "my_library", entry(1, oracle="equality"))
    for place, words in (
        (changed, "was changed after its export"),
        (lying, "the manifest says oracle 'equality', and the source says 'feasibility'"),
        (tmp_path, "more than one folder in it does"),
        (quick.parent, "nor does a folder in it"),
        ("no_such_package", "neither a folder nor an installed package"),
        ("json", "neither a folder nor an installed package"),
    ):
        place = tmp_path / "two" if place == tmp_path else place
        if place == tmp_path / "two":
            for name in ("one", "other"):
                shutil.copytree(project / "my_library", place / name)
        done = envforge("registry", "import", place, "--db", db, "--config", quick)
        assert done.code == 2 and words in done.err and done.err.splitlines()[-1].startswith("Error: "), (
            done.err
        )
    with pytest.raises(UsageError, match="the manifest says oracle"):
        Library(lying / "my_library").create_dataset("subset_sum_of_a_child", size=1)[0]
    if db.exists():
        with Registry.open(db, read_only=True) as registry:
            assert registry.environments() == [] and registry.runs() == []


def test_what_fails_the_gates_is_left_out(
    sandbox: Sandbox, library: Path, ids: list[str], quick: Path, tmp_path: Path
) -> None:
    """Whatever the package says of it; the others come."""
    bad, place = tmp_path / "bad.py", tmp_path / "r.db"
    bad.write_text(FIRST.read_text("utf-8").replace("rng.choice", "(lambda letters: 'a')"), "utf-8")
    with Registry.open(place, create=True) as registry, Registry.open(library, read_only=True) as good:
        program = eyes.admitted(registry, Evaluator(sandbox), bad)
        found = [*entries_of(good, [good.environment(ids[0]).program]), *entries_of(registry, [program])]  # type: ignore[list-item]
    write_package(found, tmp_path / "package", "package")
    db = tmp_path / "new.db"
    done = envforge("registry", "import", tmp_path / "package", "--db", db, "--config", quick, "--json")
    assert done.code == 1 and "1 of 2 environments of package do not pass the gates" in done.err
    (refused,) = done.json["refused"]
    assert (refused["id"], refused["stage"], done.json["imported"]) == (program.id, "L4", [ids[0]])
    with Registry.open(db, read_only=True) as registry:
        assert [one.id for one in registry.environments()] == [ids[0]]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_manifest_is_read_or_refused(data: st.DataObject, project: Path, tmp_path: Path) -> None:
    """Something else anywhere in it: never another exception, and never another source."""
    folder = tmp_path / "copy"
    if not folder.exists():
        shutil.copytree(project / "my_library", folder)
    original = json.loads((project / "my_library" / "manifest.json").read_text())
    manifest = copy.deepcopy(original)
    place = manifest
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not place[key] or not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    (folder / "manifest.json").write_text(json.dumps({**manifest, "digest": digest_of(manifest)}))
    try:
        found = read_package(folder)
    except UsageError:
        return
    assert all(content_id(source) == id for id, source in found.sources.items())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--name", "My-Library"], "is no name of a package"),
        (["--name", "class"], "is no name of a package"),
        (["--name", "json"], "would hide the module"),
        (["--name", "envforge"], "would hide the module"),
        (["--instances", "3"], "--instances is of a data set"),
        (["--no-answer-line"], "--answer-line is of a data set"),
        (["--format", "jsonl", "--name", "a"], "--name names a package"),
    ],
)
def test_export_refuses_in_one_sentence(
    arguments: list[str], words: str, library: Path, tmp_path: Path
) -> None:
    form = [] if "--format" in arguments else ["--format", "gym"]
    done = envforge("export", "--db", library, "--out", tmp_path / "out", *form, *arguments)
    assert done.code == 2 and words in done.err and done.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_names(tmp_path: Path) -> None:
    assert module_name(None, tmp_path / "My Library-2") == "my_library_2"
    with pytest.raises(UsageError, match="is no name"):
        module_name(None, tmp_path / "2nd")


def test_environments_with_one_title_have_two_names(sandbox: Sandbox, mixed: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin.py"
    twin.write_text(FIRST.read_text("utf-8") + "\n\nMORE = 1\n", "utf-8")
    with Registry.open(tmp_path / "r.db", create=True) as registry:
        programs = [eyes.admitted(registry, Evaluator(sandbox), file) for file in (FIRST, twin)]
        names = [entry.name for entry, _ in entries_of(registry, programs)]
    assert names == ["first_letter_of_a_row", f"first_letter_of_a_row_{programs[1].id}"]


def test_what_is_generated_reads_well(project: Path) -> None:
    """The few lines of Python in a package are as neat as ours, work without verifiers, and are all documented."""
    ruff = [sys.executable, "-m", "ruff"]
    files = [str(path) for path in (project / "my_library").glob("*.py")]
    subprocess.run([*ruff, "check", "-q", "--config", str(ROOT / "pyproject.toml"), *files], check=True)
    subprocess.run(
        [*ruff, "format", "--check", "-q", "--config", str(ROOT / "pyproject.toml"), *files], check=True
    )
    script = "from my_library import *; import my_library; print(*my_library.__all__)"
    names = python(script, path=project).split()
    text = (ROOT / "docs" / "export.md").read_text()
    assert "create_dataset" in names and not {name for name in names if f"`{name}" not in text}


def test_trl_columns_and_rewards(mixed: Path) -> None:
    import datasets

    library = Library(mixed / "mixed")
    rows = library.trl_dataset(["first_letter_of_a_row", "last_letter_of_a_row"], size=6, system="Be brief.")
    assert isinstance(rows, datasets.Dataset) and rows.column_names == [
        "prompt", "answer", "environment", "seed", "difficulty",
    ]  # fmt: skip
    assert [message["role"] for message in rows[0]["prompt"]] == ["system", "user"]
    columns = {name: rows[name] for name in rows.column_names if name != "prompt"}
    texts = [f"<answer>{answer}</answer>" for answer in rows["answer"]]
    chats = [[{"role": "assistant", "content": text}] for text in texts]
    parts = [[{"role": "assistant", "content": [{"type": "text", "text": text}]}] for text in texts]
    for completions in (texts, chats, parts):
        assert library.trl_reward(rows["prompt"], completions, **columns) == [1.0] * 6
    assert library.trl_reward(rows["prompt"], ["?", texts[0], *texts[2:]], **columns)[:2] == [0.0, 0.0]
    with pytest.raises(UsageError, match="needs the column 'environment'"):
        library.trl_reward([], texts)
    seen = library.trl_dataset(["colour_of_a_square", "side_of_a_square"], size=2, width=64)
    assert [image.size[0] for image in seen[0]["images"]] == [64]
    with pytest.raises(UsageError, match="make no common data set"):
        library.trl_dataset()


@pytest.mark.slow
def test_trl_trains_on_a_package(mixed: Path, tmp_path: Path) -> None:
    """The real GRPOTrainer, two steps of a toy model that is right now and then: the sandbox's rewards reach it."""
    from trl import GRPOConfig, GRPOTrainer

    library = Library(mixed / "mixed")
    arguments = GRPOConfig(
        output_dir=str(tmp_path / "run"), max_steps=2, per_device_train_batch_size=8, num_generations=4,
        max_completion_length=8, learning_rate=1e-4, report_to=[], use_cpu=True, bf16=False, logging_steps=1,
        save_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    rows = library.trl_dataset("first_letter_of_a_row", size=16, difficulty=0)
    seen: list[list[float]] = []

    def trl_reward(prompts: list[Any], completions: list[Any], **columns: list[Any]) -> list[float]:
        seen.append(library.trl_reward(prompts, completions, **columns))
        return seen[-1]

    # The package's own function goes in as it is; the other one lets us see the same rewards.
    trainer = GRPOTrainer(
        model=str(toys.toy_model(tmp_path / "toy")), args=arguments, train_dataset=rows,
        reward_funcs=[library.trl_reward, trl_reward],
    )  # fmt: skip
    trainer.train()
    logged = [row["reward"] for row in trainer.state.log_history if "reward" in row]
    assert len(seen) == 2 and len(logged) == 2
    assert logged == pytest.approx([2 * sum(rewards) / len(rewards) for rewards in seen])
    assert 0.0 < sum(map(sum, seen)) < 16.0, "some right, some wrong"
