"""Recipes: everything about one training run, as data. See docs/recipes.md."""

from envforge.recipe.prompt import solver_messages
from envforge.recipe.reading import load_recipe, recipe_as_dict, recipe_from
from envforge.recipe.sections import (
    EnvironmentsConfig,
    EvaluationConfig,
    GenerationConfig,
    GrpoConfig,
    LoggingConfig,
    ModelConfig,
    PicturesConfig,
    ProcessesConfig,
    PromptConfig,
    Recipe,
    RolesConfig,
    ScheduleConfig,
)
from envforge.recipe.shaping import ShapingConfig

__all__ = [
    "EnvironmentsConfig",
    "EvaluationConfig",
    "GenerationConfig",
    "GrpoConfig",
    "LoggingConfig",
    "ModelConfig",
    "PicturesConfig",
    "ProcessesConfig",
    "PromptConfig",
    "Recipe",
    "RolesConfig",
    "ScheduleConfig",
    "ShapingConfig",
    "load_recipe",
    "recipe_as_dict",
    "recipe_from",
    "solver_messages",
]
