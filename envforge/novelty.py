"""Novelty: how near a program is to everything accepted, and whether that is too near.

Similarity mixes prompt template and code half and half (EvoEnv, section on admission). Without extras both are
structural: Jaccard similarity of hashed windows over the AST (names, constants and docstrings removed) and over
the words of prompts with their numbers masked. With `envforge[embed]` MiniLM embeddings replace the measure,
while the structural ceiling on code still holds.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envforge.config import NoveltyConfig
from envforge.contract import LibraryEntry, Profile, Program
from envforge.embedding import Embedder, Embedding, cosine
from envforge.verdict import Stage, Verdict


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A library program and how near it is; all similarities from 0 to 1."""

    id: str
    title: str
    similarity: float
    code: float
    prompt: float
    same_signature: bool = False


class NoveltyGate:
    """Compares candidates with accepted programs. Holds the embeddings that it has computed, nothing else."""

    def __init__(self, config: NoveltyConfig, embedder: Embedder | None = None) -> None:
        self.config = config
        self.embedder = embedder
        self._embeddings: dict[str, Embedding] = {}

    def judge(self, program: Program, profile: Profile, accepted: Iterable[LibraryEntry]) -> Verdict:
        """The verdict on one candidate against `accepted`; names the nearest neighbour either way."""
        start = time.perf_counter()
        nearest = self.nearest(program, profile, accepted)
        evidence: dict[str, Any] = {"measure": self.embedder.model if self.embedder else "structural"}
        reason = ""
        if nearest is not None:
            evidence |= {
                "neighbour": nearest.id,
                "neighbour_title": nearest.title,
                "similarity": round(nearest.similarity, 4),
                "code": round(nearest.code, 4),
                "prompt": round(nearest.prompt, 4),
            }
            name = f"'{nearest.title}' ({nearest.id})"
            if nearest.same_signature:
                reason = f"the same program as {name}: only names, constants and wording differ"
            elif nearest.code >= self.config.code_ceiling:
                reason = f"the code is that of {name} (similarity {nearest.code:.2f})"
            elif nearest.similarity >= self.config.threshold:
                reason = f"too near to {name}: similarity {nearest.similarity:.2f}"
                reason += f" (code {nearest.code:.2f}, prompt {nearest.prompt:.2f})"
        return Verdict(Stage.NOVELTY, not reason, reason, evidence, time.perf_counter() - start)

    def nearest(
        self, program: Program, profile: Profile, accepted: Iterable[LibraryEntry]
    ) -> Neighbour | None:
        """The neighbour that comes nearest to a rejection, or None for an empty library."""
        found = [
            self.compare(program, profile, entry) for entry in accepted if entry.program.id != program.id
        ]
        return max(found, key=self._closeness, default=None)

    def _closeness(self, neighbour: Neighbour) -> tuple[bool, float, str]:
        ceiling = (
            self.config.threshold / self.config.code_ceiling * neighbour.code
            if self.config.code_ceiling
            else 1.0
        )
        over = neighbour.code >= self.config.code_ceiling
        return neighbour.same_signature, max(neighbour.similarity, ceiling if over else 0.0), neighbour.id

    def compare(self, program: Program, profile: Profile, entry: LibraryEntry) -> Neighbour:
        """Similarity of a candidate to one library program."""
        code = jaccard(program.shingles, entry.program.shingles)
        prompt = jaccard(profile.prompt_shingles, entry.profile.prompt_shingles)
        weight = self.config.code_weight
        similarity = weight * code + (1 - weight) * prompt
        if self.embedder is not None:
            ours, theirs = self.embedding(program, profile), self.embedding(entry.program, entry.profile)
            prompt = cosine(ours.prompt, theirs.prompt)
            similarity = weight * cosine(ours.code, theirs.code) + (1 - weight) * prompt
        same = program.signature == entry.program.signature
        return Neighbour(entry.program.id, entry.program.title, similarity, code, prompt, same)

    def embedding(self, program: Program, profile: Profile) -> Embedding:
        """The embedding of a program, computed once."""
        assert self.embedder is not None
        known = self._embeddings.get(program.id)
        if known is None:
            known = self._embeddings[program.id] = self.embedder.embed(
                profile.prompt_template, program.source
            )
        return known

    def remember(self, known: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
        """Use the embeddings that the registry has kept, by environment id and part."""
        for id, parts in known.items():
            if {"prompt", "code"} <= set(parts):
                self._embeddings[id] = Embedding(tuple(parts["prompt"]), tuple(parts["code"]))


def jaccard(one: frozenset[int], two: frozenset[int]) -> float:
    """Shared share of two sets of hashes, 0 to 1; 0 when both are empty."""
    union = len(one | two)
    return len(one & two) / union if union else 0.0
