"""Recipes: what is shipped loads, what is impossible is refused in one sentence, and nothing is lost on the way."""

from __future__ import annotations

import dataclasses
import json
import tomllib
import typing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envforge.config import BUCKETS
from envforge.contract import answer_line
from envforge.errors import ConfigError
from envforge.locations import data_folder
from envforge.recipe import PromptConfig, Recipe, load_recipe, recipe_as_dict, recipe_from, solver_messages

RECIPES = sorted(data_folder("recipes").glob("*.toml"))
HERE = Path(__file__).parent
SMALLEST: dict[str, Any] = {"model": {"path": "some/model"}}


def made(**tables: dict[str, Any]) -> Recipe:
    """A recipe of these tables; the model has a name unless it is given."""
    return recipe_from({**SMALLEST, **tables}, "a recipe", HERE)


def test_recipes_are_shipped() -> None:
    names = {path.name for path in RECIPES}
    assert {"cpu-demo.toml", "cpu-demo-levels.toml", "gpu-single.toml", "evoenv-4b.toml"} <= names
    assert "tron-vl.toml" in names


def test_the_visual_recipe_has_the_figures_of_its_paper() -> None:
    """TRON: the 4 latest groups of 8, promotion at 0.80, replay with 0.30, DAPO's clipping, pictures alone."""
    recipe = load_recipe(data_folder("recipes") / "tron-vl.toml")
    pool, grpo = recipe.config.pool, recipe.grpo
    assert (pool.controller, pool.ladder_groups, pool.ladder_promote, pool.ladder_replay) == (
        "ladder",
        4,
        0.8,
        0.3,
    )
    assert (grpo.group_size, grpo.clip_low, grpo.clip_high, grpo.beta, grpo.loss) == (
        8,
        0.2,
        0.28,
        0.0,
        "dapo",
    )
    assert grpo.resample and pool.buckets == BUCKETS
    assert recipe.evaluation.levels == (0, 3, 6, 9)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_shipped_recipe_loads(path: Path) -> None:
    recipe = load_recipe(path)
    assert recipe.model.path
    for place in (*recipe.environments.folders, *recipe.environments.held_out):
        assert list(Path(place).glob("*.py")), f"{place} holds no program"
    # Every option that is written down is one that was taken over as it stands.
    for name, table in tomllib.loads(path.read_text("utf-8")).items():
        section = getattr(recipe, name, None) or getattr(recipe.config, name)
        for key, value in table.items():
            held = getattr(section, key)
            if name == "environments":
                assert len(held) == len(value)
            else:
                assert (list(held) if isinstance(held, tuple) else held) == value, (name, key)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_shipped_recipe_survives_as_json(path: Path) -> None:
    recipe = load_recipe(path)
    data = json.loads(json.dumps(recipe_as_dict(recipe)))
    assert recipe_from(data, "the record of a run", Path("/")) == recipe


def test_the_demonstrations_differ_in_pool_and_evaluation_alone() -> None:
    fixed, moving = (
        load_recipe(data_folder("recipes") / f"{name}.toml") for name in ("cpu-demo", "cpu-demo-levels")
    )
    assert fixed.config.pool.controller == "fixed"
    assert moving.config.pool.controller != "fixed"
    level = dataclasses.replace(fixed.evaluation, levels=moving.evaluation.levels)
    config = dataclasses.replace(fixed.config, pool=moving.config.pool)
    assert dataclasses.replace(fixed, evaluation=level, config=config) == moving


def test_what_accelerate_reads_is_well_formed() -> None:
    folder = data_folder("recipes") / "accelerate"
    zero = json.loads((folder / "zero3.json").read_text())
    assert zero["zero_optimization"]["stage"] == 3
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load((folder / "fsdp2.yaml").read_text())["fsdp_config"]["fsdp_version"] == 2
    assert yaml.safe_load((folder / "multi-gpu.yaml").read_text())["distributed_type"] == "MULTI_GPU"


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"modle": {}}, ("unknown table [modle]", "did you mean 'model'")),
        ({"growth": {"batch": 2}}, ("unknown table [growth]",)),
        ({"grpo": {"group_sice": 4}}, ("[grpo]", "group_sice", "did you mean 'group_size'")),
        ({"pool": {"controler": "window"}}, ("[pool]", "did you mean 'controller'")),
        ({"grpo": {"group_size": 1}}, ("[grpo]", "group_size", "from 2 to 1024")),
        ({"grpo": {"group_size": "8"}}, ("group_size must be a whole number", "'8'")),
        ({"grpo": {"group_size": True}}, ("group_size must be a whole number",)),
        ({"grpo": {"learning_rate": -1e-6}}, ("learning_rate", "from 0.0 to 1.0")),
        ({"grpo": {"learning_rate": float("nan")}}, ("learning_rate",)),
        ({"grpo": {"loss": "ppo"}}, ("loss must be one of dapo",)),
        ({"generation": {"engine": "vllm"}}, ("engine must be one of transformers",)),
        ({"pool": {"controller": "windows"}}, ("controller must be one of", "fixed")),
        ({"pool": {"buckets": ["mathematics"]}}, ("buckets holds 'mathematics'", "did you mean 'mathematical'")),
        ({"pool": {"buckets": ["cats"]}}, ("buckets holds 'cats'", "valid are text, spatial")),
        ({"pictures": {"width": 32}}, ("[pictures]", "width", "from 64 to 2048")),
        ({"pictures": {"view": 1.5}}, ("view", "from 0.0 to 1.0")),
        ({"environments": {"folders": "here"}}, ("folders must be",)),
        ({"environments": {"folders": [3]}}, ("folders must be a list of texts",)),
        ({"evaluation": {"levels": []}}, ("levels must be whole numbers",)),
        ({"evaluation": {"levels": [0, -1]}}, ("levels must be whole numbers",)),
        ({"grpo": 3}, ("[grpo] must be a table",)),  # type: ignore[dict-item]
        ({"pool": 3}, ("[pool] must be a table",)),  # type: ignore[dict-item]
        ({"model": {}}, ("[model] path",)),
        ({"roles": {"generator_groups": 8}}, ("generator_groups (8)", "below [grpo] groups (8)")),
        ({"prompt": {"question": "Why?"}}, ("question and answer belong together",)),
        ({"prompt": {"answer": "So."}}, ("question and answer belong together",)),
        ({"grpo": {"groups": 3, "group_size": 4, "micro_batch": 5}}, ("micro_batch (5)", "(12)")),
        ({"shaping": {"cuts": True}, "generation": {"engine": "vllm-server"}}, ("cuts", "engine")),
        ({"shaping": {"cuts": True}, "grpo": {"group_size": 7}}, ("cuts", "even")),
        ({"processes": {"fsdp": True, "deepspeed": "z.json"}}, ("fsdp and deepspeed exclude",)),
        ({"grpo": {"iterations": 3}, "schedule": {"save_every": 10}}, ("save_every", "iterations (3)")),
    ],
)  # fmt: skip
def test_refused_in_one_sentence(tables: dict[str, dict[str, Any]], words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        made(**tables)
    sentence = str(caught.value)
    assert sentence.startswith("a recipe: ")
    assert "\n" not in sentence
    for word in words:
        assert word in sentence


@pytest.mark.parametrize(
    "tables",
    [
        {"roles": {"generator_groups": 7}},
        {"prompt": {"question": "Why?", "answer": "So."}},
        {"grpo": {"groups": 3, "group_size": 4, "micro_batch": 6}},
        {"shaping": {"cuts": True}},
        {"processes": {"fsdp": True}},
        {"grpo": {"iterations": 3}, "schedule": {"save_every": 9}},
        {"grpo": {"learning_rate": 0}},
        {"pictures": {"width": 64, "view": 1.0}},
    ],
)
def test_next_to_what_is_refused_lies_what_is_not(tables: dict[str, dict[str, Any]]) -> None:
    recipe = made(**tables)
    for name, options in tables.items():
        for key, value in options.items():
            assert getattr(getattr(recipe, name), key) == value


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the recipe"):
        load_recipe(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[model\n")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_recipe(broken)
    broken.write_bytes(b'[model]\npath = "\xff"\n')
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_recipe(broken)


def test_changes_are_checked_as_the_file_is(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text('[model]\npath = "m"\n[grpo]\ngroups = 2\n')
    recipe = load_recipe(file, {"grpo": {"learning_rate": 0.0}, "pool": {"controller": "fixed"}})
    assert (recipe.grpo.groups, recipe.grpo.learning_rate) == (2, 0.0)
    assert recipe.config.pool.controller == "fixed"
    with pytest.raises(ConfigError, match="did you mean 'groups'"):
        load_recipe(file, {"grpo": {"group": 1}})


def test_paths_are_relative_to_the_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("train", "model"):
        (tmp_path / "recipes" / name).mkdir(parents=True)
    for name in ("zero.json", "told.jsonl"):
        (tmp_path / "recipes" / name).write_text("{}")
    file = tmp_path / "recipes" / "r.toml"
    file.write_text(
        '[model]\npath = "./model"\n[environments]\nfolders = ["train"]\nheld_out = ["0123456789abcdef"]\n'
        '[processes]\ndeepspeed = "zero.json"\n[roles]\npolicy = "replay:told.jsonl"\n'
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    recipe = load_recipe("../recipes/r.toml")
    home = (tmp_path / "recipes").resolve()
    assert recipe.environments.folders == (str(home / "train"),)
    assert recipe.environments.held_out == ("0123456789abcdef",)  # an id is no path
    assert recipe.processes.deepspeed == str(home / "zero.json")
    assert recipe.model.path == str(home / "model")
    assert recipe.roles.policy == f"replay:{home / 'told.jsonl'}"


def test_a_model_of_the_hub_is_no_path(tmp_path: Path) -> None:
    (tmp_path / "Qwen").mkdir()
    file = tmp_path / "r.toml"
    file.write_text('[model]\npath = "Qwen/Qwen3-0.6B"\n')
    assert load_recipe(file).model.path == "Qwen/Qwen3-0.6B"


def values(field: dataclasses.Field[Any]) -> st.SearchStrategy[Any]:
    """Values that the bounds of an option allow."""
    low, high, default = field.metadata["low"], field.metadata["high"], field.default
    if field.metadata["choices"]:
        return st.sampled_from(field.metadata["choices"])
    if isinstance(default, bool):
        return st.booleans()
    if isinstance(default, int):
        return st.integers(low, high)
    if isinstance(default, float):
        return st.floats(low, high)
    if isinstance(default, tuple):
        some = st.text("abc/.", min_size=1) if field.metadata["names"] else st.integers(low, high)
        return st.lists(some, min_size=0 if field.metadata["names"] else 1, max_size=4)
    return st.text("abc ./:")


SECTIONS = {name: kind for name, kind in typing.get_type_hints(Recipe).items() if name != "config"}


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_accepted_comes_back_the_same(data: st.DataObject) -> None:
    """Whatever the bounds of the options allow is refused with a sentence or survives the record of a run."""
    tables: dict[str, dict[str, Any]] = {"model": {"path": "m"}}
    for name in data.draw(st.lists(st.sampled_from(sorted(SECTIONS)), unique=True)):
        fields = {field.name: field for field in dataclasses.fields(SECTIONS[name])}
        for key in data.draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=4)):
            tables.setdefault(name, {})[key] = data.draw(values(fields[key]))
    try:
        recipe = recipe_from(tables, "drawn", HERE / "no such folder")
    except ConfigError as error:
        assert str(error).startswith("drawn: ")
        return
    assert recipe_from(json.loads(json.dumps(recipe_as_dict(recipe))), "again", Path("/nowhere")) == recipe


def test_the_messages_around_a_prompt() -> None:
    plain = solver_messages("How many?", PromptConfig())
    assert plain == ({"role": "user", "content": f"How many?\n\n{answer_line()}"},)
    full = solver_messages(
        "How many?", PromptConfig(system="Be short.", question="1 + 1?", answer="2", answer_line=False)
    )
    assert [message["role"] for message in full] == ["system", "user", "assistant", "user"]
    assert [message["content"] for message in full] == ["Be short.", "1 + 1?", "2", "How many?"]
    asked = solver_messages("How many?", PromptConfig(question="1 + 1?", answer="2"))
    assert asked[0]["content"].endswith(answer_line()) and asked[2]["content"].endswith(answer_line())
