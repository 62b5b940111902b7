"""Vulnerability games: environments with a planted loophole, their secure twins, and how often a policy goes through
it. See docs/games.md."""

from envforge.games.catalogue import GAMES, PROGRAMS, Game, Pair, chosen, read_pair
from envforge.games.figures import Figures, Tally, tally
from envforge.games.match import Marked, Match, Rollout

__all__ = [
    "GAMES",
    "PROGRAMS",
    "Figures",
    "Game",
    "Marked",
    "Match",
    "Pair",
    "Rollout",
    "Tally",
    "chosen",
    "read_pair",
    "tally",
]
