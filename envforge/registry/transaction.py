"""Writing to the registry: everything that one proposal changes, inside one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from envforge.contract import LibraryEntry, Proposal, content_id
from envforge.errors import RegistryError
from envforge.registry.library import load_entries
from envforge.registry.pool import PoolGroupRecord, PoolMark, PoolMemberRecord, save_pool
from envforge.registry.records import (
    calibration_columns,
    pack_shingles,
    pack_vector,
    profile_column,
    program_columns,
    review_columns,
)
from envforge.registry.tables import (
    ACCEPTED,
    OUTCOMES,
    STATUSES,
    CalibrationRow,
    Embedding,
    Environment,
    Fingerprint,
    Lineage,
    ProposalRow,
    ReviewRow,
    Run,
    StatusChange,
    VerdictRow,
    Writer,
    now,
)
from envforge.registry.training import (
    StepRecord,
    add_evaluation,
    add_steps,
    forget_steps,
    hold_out,
    release,
)
from envforge.verdict import Calibration, Examination, LevelResult, Review, Stage, Verdict

Vector = bytes | Iterable[float]  # bytes: 32-bit floats, little-endian


class Transaction:
    """The one writer at this moment: what it reads stays true until it commits.

    Made by `Registry.transaction()`. All of it is committed when that block ends, or nothing if it raises.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        if session.get_bind().dialect.name != "sqlite":
            session.execute(select(Writer.id).where(Writer.id == 1).with_for_update())

    def entries(self, after: int) -> list[tuple[int, LibraryEntry]]:
        """(sequence, entry) of what is validated or admitted with a sequence above `after`, by sequence."""
        return load_entries(self._session, Environment.status.in_(ACCEPTED), Environment.sequence > after)

    def has(self, environment_id: str) -> str | None:
        """The status of the environment, or None if it is not known."""
        return self._session.scalar(select(Environment.status).where(Environment.id == environment_id))

    def same_signature(self, signature: str) -> str | None:
        """The id of the first validated or admitted environment whose source has this signature."""
        return self._session.scalar(
            select(Environment.id)
            .where(Environment.signature == signature, Environment.status.in_(ACCEPTED))
            .order_by(Environment.sequence)
            .limit(1)
        )

    def record(
        self,
        run_id: int,
        proposal: Proposal,
        examination: Examination | None,
        outcome: str,
        status: str | None = None,
        *,
        origin: str,
        depth: int,
        embeddings: Mapping[str, Vector] | None = None,
        embedding_model: str | None = None,
        usage: dict[str, Any] | None = None,
        policy: str | None = None,
    ) -> str:
        """Write down a proposal and all that is known of its source; returns the outcome that was recorded.

        A source that the registry holds already keeps its row and status, and the outcome becomes "duplicate".
        Otherwise the environment gets `status`, by default "validated" or "admitted" as the outcome says and
        "rejected" for every other one. `embeddings` maps a part of the program to its vector. Parents that the
        registry does not hold are left out of the lineage; the parent of a repair is what it repairs. `usage` is what
        the candidate cost, `policy` the version behind its verdicts of review and calibration.

        Raises RegistryError when the run is unknown or has recorded this round of this index before.
        """
        if outcome not in OUTCOMES:
            raise ValueError(f"{outcome!r} is not an outcome: use one of {', '.join(OUTCOMES)}")
        self._check_free(run_id, proposal.index, proposal.round)
        id, known, environment = None, None, None
        if proposal.source is not None:
            id = content_id(proposal.source)
            known = self.has(id)
            if known is not None:
                outcome = "duplicate"
            else:
                environment = self._add_environment(id, proposal.source, examination, origin, depth, run_id)
                self._add_parents(id, (proposal.repairs,) if proposal.repairs else proposal.parents)
        failure = examination.failure if examination is not None else None
        reason = failure.reason if failure is not None else proposal.problem or ""
        if known is not None and not reason:
            reason = f"the registry holds this source already, as {known}"
        row = ProposalRow(
            run_id=run_id,
            index=proposal.index,
            round=proposal.round,
            environment_id=id,
            proposer=proposal.proposer,
            operation=proposal.operation,
            outcome=outcome,
            stage=failure.stage.value
            if failure is not None
            else Stage.PROPOSAL.value
            if id is None
            else None,
            reason=reason,
            transcript=proposal.transcript,
            usage=usage,
        )
        self._session.add(row)
        self._session.flush()
        if id is not None:
            if examination is not None:
                self._add_verdicts(id, examination.verdicts, run_id, row.id, policy)
            if environment is not None:
                given = status or (outcome if outcome in ACCEPTED else "rejected")
                self._change(environment, None, given, reason, run_id)
                self._add_embeddings(id, embeddings, embedding_model)
        return outcome

    def add_seed(
        self,
        examination: Examination,
        origin: str,
        run_id: int | None = None,
        *,
        embeddings: Mapping[str, Vector] | None = None,
        embedding_model: str | None = None,
    ) -> bool:
        """Admit a seed program of the file `origin`, at depth 0. False when it was admitted before.

        A source that a proposer handed in earlier becomes admitted too; one that was retired or quarantined
        stays so. Raises RegistryError for a seed that did not pass.
        """
        failure = examination.failure
        if failure is not None or examination.program is None or examination.profile is None:
            found = f": {failure.stage}, {failure.reason}" if failure is not None else ""
            raise RegistryError(
                f"the seed {origin} cannot be admitted because it did not pass its gates{found}"
            )
        id = examination.id
        known = self.has(id)
        if known in ("admitted", "retired", "quarantined"):
            return False
        if known is None:
            environment = self._add_environment(id, examination.source, examination, origin, 0, run_id)
        else:
            environment = self._environment(id)
            self._describe(environment, examination)
        self._add_verdicts(id, examination.verdicts, run_id, None, None)
        self._add_embeddings(id, embeddings, embedding_model)
        self._change(environment, known, "admitted", f"seed {origin}", run_id)
        return True

    def set_status(self, environment_id: str, status: str, reason: str, run_id: int | None = None) -> None:
        """Give an environment a status and write that into its history; nothing happens when it has it already.

        Raises RegistryError for an unknown id, and for accepting what did not pass the gates.
        """
        environment = self._environment(environment_id)
        if environment.status != status:
            self._change(environment, environment.status, status, reason, run_id)

    def quarantine(self, reasons: Mapping[str, str]) -> list[str]:
        """Take environments out of the live pool, each with its reason; returns those that were accepted until now.

        What is not validated or admitted stays as it is: nothing is trained on it anyway. Raises RegistryError for an
        unknown id.
        """
        taken = []
        for id, reason in reasons.items():
            environment = self._environment(id)
            if environment.status in ACCEPTED:
                self._change(environment, environment.status, "quarantined", reason, None)
                taken.append(id)
        return taken

    def lift_quarantine(self, ids: Iterable[str], reason: str) -> list[str]:
        """Give environments back the status from which they were quarantined; returns those of `ids` that were.

        Raises RegistryError for an unknown id.
        """
        lifted = []
        for id in dict.fromkeys(ids):
            environment = self._environment(id)
            if environment.status == "quarantined":
                before = self._session.scalar(
                    select(StatusChange.old)
                    .where(StatusChange.environment_id == id, StatusChange.new == "quarantined")
                    .where(StatusChange.old != "quarantined")
                    .order_by(StatusChange.id.desc())
                    .limit(1)
                )
                self._change(environment, "quarantined", before or "rejected", reason, None)
                lifted.append(id)
        return lifted

    def add_verdict(
        self, environment_id: str, verdict: Verdict, run_id: int | None = None, policy: str | None = None
    ) -> None:
        """Write down a verdict that was given outside of a proposal. Raises RegistryError for an unknown id."""
        id = self._environment(environment_id).id
        self._add_verdicts(id, [verdict], run_id, None, policy)

    def add_reviews(
        self, environment_id: str, policy: str, reviews: Iterable[Review], run_id: int | None = None
    ) -> None:
        """Write down reviews by a policy version. Raises RegistryError for an unknown id."""
        id = self._environment(environment_id).id
        self._session.add_all(
            ReviewRow(environment_id=id, run_id=run_id, policy=policy, **review_columns(review))
            for review in reviews
        )
        self._session.flush()

    def add_calibration(self, calibration: Calibration, isolation: str, run_id: int | None = None) -> None:
        """Write down a calibration. Raises RegistryError for an unknown environment."""
        self._environment(calibration.environment)
        columns = calibration_columns(calibration)
        self._session.add(CalibrationRow(run_id=run_id, isolation=isolation, **columns))
        self._session.flush()

    def save_pool(
        self,
        members: Sequence[PoolMemberRecord],
        groups: Sequence[PoolGroupRecord],
        mark: PoolMark,
        rewound: tuple[int, Collection[str]] | None = None,
    ) -> PoolMark:
        """Write down the live pool (see `envforge.registry.pool.save_pool`)."""
        return save_pool(self._session, members, groups, mark, rewound)

    def add_steps(self, run_id: int, steps: Sequence[StepRecord]) -> None:
        """Write down steps of a run; one that is there is replaced. Raises RegistryError for an unknown run and an
        unknown environment."""
        add_steps(self._session, run_id, steps)

    def forget_steps(self, run_id: int, after: int) -> None:
        """Take the run's steps after step `after` out of the registry, and its evaluations of later steps: what
        happened after the checkpoint from which the run goes on."""
        forget_steps(self._session, run_id, after)

    def add_evaluation(
        self,
        *,
        policy: str,
        name: str,
        settings: dict[str, Any],
        results: Sequence[LevelResult],
        run_id: int | None = None,
        step: int | None = None,
    ) -> int:
        """Write down an evaluation of a policy version; returns its id.

        In a run, one of the same name is replaced. Raises RegistryError for an unknown run.
        """
        return add_evaluation(
            self._session,
            results,
            policy=policy,
            name=name,
            settings=settings,
            run_id=run_id,
            step=step,
        )

    def hold_out(self, ids: Iterable[str], reason: str, run_id: int | None = None) -> list[str]:
        """Keep environments for evaluation; returns those of `ids` that were not held out before.

        They leave the live pool and never come into it; what is held out already gets the new reason. Raises
        RegistryError for an unknown id, and for one that was never accepted.
        """
        return hold_out(self._session, ids, reason, run_id)

    def release(self, ids: Iterable[str], reason: str = "") -> list[str]:
        """Let environments that were held out be trained on again; returns those of `ids` that were held out.

        Raises RegistryError for an unknown id.
        """
        return release(self._session, ids, reason)

    def add_run(self, **columns: Any) -> int:
        """Write down a new run in state "running" (`columns` as in `Registry.start_run`); returns its id."""
        run = Run(state="running", base=self.last_sequence(), **columns)
        self._session.add(run)
        self._session.flush()
        return run.id

    def set_run_state(self, run_id: int, state: str, config: dict[str, Any] | None = None) -> None:
        """Give a run another state, and another record of its configuration if one is given.

        Raises RegistryError for an unknown run and one that finished.
        """
        run = self._session.get(Run, run_id)
        if run is None:
            raise RegistryError(f"the registry holds no run {run_id}")
        if run.state == "finished" and state != "finished":
            raise RegistryError(f"run {run_id} is finished: start a new one")
        run.state = state
        if config is not None:
            run.config = config
        run.finished_at = None if state == "running" else now()

    def last_sequence(self) -> int:
        """The sequence of the environment that was accepted last; 0 when there is none."""
        return self._session.scalar(select(func.max(Environment.sequence))) or 0

    def _environment(self, environment_id: str) -> Environment:
        environment = self._session.get(Environment, environment_id)
        if environment is None:
            raise RegistryError(f"the registry holds no environment {environment_id}")
        return environment

    def _change(
        self, environment: Environment, old: str | None, new: str, reason: str, run_id: int | None
    ) -> None:
        if new not in STATUSES:
            raise RegistryError(f"'{new}' is not a status: use one of {', '.join(STATUSES)}")
        if new in ACCEPTED and environment.sequence is None:
            if environment.title is None or environment.profile is None:
                raise RegistryError(
                    f"environment {environment.id} cannot become {new}: it has not passed the gates L1 to L4"
                )
            environment.sequence = self.last_sequence() + 1
        environment.status = new
        self._session.add(
            StatusChange(environment_id=environment.id, old=old, new=new, reason=reason, run_id=run_id)
        )
        self._session.flush()

    def _check_free(self, run_id: int, index: int, round: int) -> None:
        if self._session.get(Run, run_id) is None:
            raise RegistryError(f"the registry holds no run {run_id} to record a proposal of")
        taken = select(ProposalRow.id).where(
            ProposalRow.run_id == run_id, ProposalRow.index == index, ProposalRow.round == round
        )
        if self._session.scalar(taken) is not None:
            raise RegistryError(
                f"proposal {index} of run {run_id} is recorded already: is another process continuing the same run?"
            )

    def _add_environment(
        self,
        id: str,
        source: str,
        examination: Examination | None,
        origin: str,
        depth: int,
        run_id: int | None,
    ) -> Environment:
        ran = [verdict.isolation for verdict in examination.verdicts] if examination is not None else []
        environment = Environment(
            id=id,
            kind="text",
            status="rejected",
            source=source,
            origin=origin,
            depth=depth,
            isolation=next((level for level in reversed(ran) if level), ""),
            created_run_id=run_id,
        )
        self._session.add(environment)
        if examination is not None:
            self._describe(environment, examination)
        self._session.flush()
        return environment

    def _add_parents(self, id: str, parents: tuple[str, ...]) -> None:
        held = set(self._session.scalars(select(Environment.id).where(Environment.id.in_(parents))))
        self._session.add_all(
            Lineage(child_id=id, parent_id=parent, position=position)
            for position, parent in enumerate(parents)
            if parent in held and parent != id
        )

    def _describe(self, environment: Environment, examination: Examination) -> None:
        """Write down what an examination learned about a source."""
        shingles = {}
        if examination.program is not None:
            for column, value in program_columns(examination.program).items():
                setattr(environment, column, value)
            shingles["code"] = examination.program.shingles
        if examination.profile is not None:
            environment.profile = profile_column(examination.profile)
            shingles["prompt"] = examination.profile.prompt_shingles
        self._session.flush()
        for part, values in shingles.items():
            self._session.merge(
                Fingerprint(environment_id=environment.id, part=part, data=pack_shingles(values))
            )

    def _add_verdicts(
        self,
        id: str,
        verdicts: Iterable[Verdict],
        run_id: int | None,
        proposal_id: int | None,
        policy: str | None,
    ) -> None:
        self._session.add_all(
            VerdictRow(
                environment_id=id,
                run_id=run_id,
                proposal_id=proposal_id,
                stage=verdict.stage.value,
                passed=verdict.passed,
                reason=verdict.reason,
                evidence=verdict.evidence,
                seconds=verdict.seconds,
                isolation=verdict.isolation,
                policy=policy if verdict.stage in (Stage.REVIEW, Stage.CALIBRATION) else None,
            )
            for verdict in verdicts
        )
        self._session.flush()

    def _add_embeddings(self, id: str, embeddings: Mapping[str, Vector] | None, model: str | None) -> None:
        for part, vector in (embeddings or {}).items():
            if model is None:
                raise ValueError("embeddings need the name of the model that made them")
            data = pack_vector(vector)
            self._session.merge(
                Embedding(environment_id=id, model=model, part=part, vector=data, dimension=len(data) // 4)
            )
