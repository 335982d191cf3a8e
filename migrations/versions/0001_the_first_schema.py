"""The first schema.

Revision: 0001, after none.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes every table, and the project of deployments without keys."""
    projects = op.create_table(
        "projects",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("name", name=op.f("uq_projects_name")),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("lanes", sa.Integer(), nullable=False),
        sa.Column("capabilities", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_index(op.f("ix_workers_stopped_at_seen_at"), "workers", ["stopped_at", "seen_at"], unique=False)

    op.create_table(
        "datasets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("shape", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=True),
        sa.Column("class_counts", sa.JSON(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("own_test", sa.Boolean(), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('importing', 'ready', 'failed')", name=op.f("ck_datasets_state")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_datasets_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
        sa.UniqueConstraint("project_id", "name", "version", name=op.f("uq_datasets_project_id_name_version")),
    )
    op.create_index(op.f("ix_datasets_project_id_digest"), "datasets", ["project_id", "digest"], unique=False)

    op.create_table(
        "lane_caps",
        sa.Column("program_digest", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.CheckConstraint("cap >= 1", name=op.f("ck_lane_caps_cap")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_lane_caps_worker_id_workers")),
        sa.PrimaryKeyConstraint("program_digest", "worker_id", name=op.f("pk_lane_caps")),
    )
    op.create_table(
        "request_keys",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_request_keys_project_id_projects")),
        sa.PrimaryKeyConstraint("project_id", "key", name=op.f("pk_request_keys")),
    )
    op.create_table(
        "studies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("runner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("stop_mode", sa.Text(), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.Column("waiting", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("definition_digest", sa.Text(), nullable=False),
        sa.Column("budget", sa.JSON(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("dataset_id", sa.Text(), nullable=False),
        sa.Column("dataset_digest", sa.Text(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("meanings", sa.JSON(), nullable=False),
        sa.Column("trials_created", sa.Integer(), nullable=False),
        sa.Column("trials_failed", sa.Integer(), nullable=False),
        sa.Column("epochs_run", sa.BigInteger(), nullable=False),
        sa.Column("epochs_saved", sa.BigInteger(), nullable=False),
        sa.Column("device_seconds", sa.Double(), nullable=False),
        sa.Column("space_exhausted", sa.Boolean(), nullable=False),
        sa.Column("suggest_owner", sa.Text(), nullable=True),
        sa.Column("suggest_fence", sa.BigInteger(), nullable=False),
        sa.Column("suggest_lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'paused', 'stopping', 'completed', 'stopped', 'failed')",
            name=op.f("ck_studies_state"),
        ),
        sa.CheckConstraint("stop_mode IN ('drain', 'now')", name=op.f("ck_studies_stop_mode")),
        sa.ForeignKeyConstraint(["parent_id"], ["studies.id"], name=op.f("fk_studies_parent_id_studies")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_studies_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
    )
    op.create_index(op.f("ix_studies_dataset_id"), "studies", ["dataset_id"], unique=False)
    op.create_index(op.f("ix_studies_project_id_id"), "studies", ["project_id", "id"], unique=False)
    op.create_index(op.f("ix_studies_state"), "studies", ["state"], unique=False)

    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("study_id", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_events_project_id_projects")),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("fk_events_study_id_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_project_id_id"), "events", ["project_id", "id"], unique=False)
    op.create_index(op.f("ix_events_study_id_id"), "events", ["study_id", "id"], unique=False)

    op.create_table(
        "programs",
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("engine_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("engine IN ('compiled', 'eager', 'alone')", name=op.f("ck_programs_engine")),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("fk_programs_study_id_studies")),
        sa.PrimaryKeyConstraint("study_id", "digest", name=op.f("pk_programs")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("program_digest", sa.Text(), nullable=True),
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_seconds", sa.Double(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tick", sa.BigInteger(), nullable=False),
        sa.Column("losses", sa.Integer(), nullable=True),
        sa.Column("lane_limit", sa.Integer(), nullable=True),
        sa.Column("drain", sa.Boolean(), nullable=False),
        sa.Column("progress_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checkpointed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed', 'lost')", name=op.f("ck_runs_state")),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("fk_runs_study_id_studies")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_runs_worker_id_workers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_state_lease_until"), "runs", ["state", "lease_until"], unique=False)
    op.create_index(op.f("ix_runs_study_id_state"), "runs", ["study_id", "state"], unique=False)
    op.create_index(op.f("ix_runs_worker_id_state"), "runs", ["worker_id", "state"], unique=False)

    op.create_table(
        "trials",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("enqueued_by", sa.Text(), nullable=True),
        sa.Column("setting", sa.JSON(), nullable=False),
        sa.Column("setting_digest", sa.Text(), nullable=False),
        sa.Column("program_digest", sa.Text(), nullable=False),
        sa.Column("stop", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("value_kind", sa.Text(), nullable=True),
        sa.Column("value_last", sa.Double(), nullable=True),
        sa.Column("value_last_kind", sa.Text(), nullable=True),
        sa.Column("gap", sa.Double(), nullable=True),
        sa.Column("gap_kind", sa.Text(), nullable=True),
        sa.Column("best_epoch", sa.Integer(), nullable=True),
        sa.Column("metrics", sa.JSON(), nullable=True),
        sa.Column("cost", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "gap_kind = 'finite' OR (gap IS NULL AND gap_kind IN ('nan', '+inf', '-inf'))",
            name=op.f("ck_trials_gap_kind"),
        ),
        sa.CheckConstraint("origin IN ('baseline', 'sampler', 'enqueued', 'imported')", name=op.f("ck_trials_origin")),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'completed', 'pruned', 'failed', 'cancelled')", name=op.f("ck_trials_state")
        ),
        sa.CheckConstraint(
            "value_kind = 'finite' OR (value IS NULL AND value_kind IN ('nan', '+inf', '-inf'))",
            name=op.f("ck_trials_value_kind"),
        ),
        sa.CheckConstraint(
            "value_last_kind = 'finite' OR (value_last IS NULL AND value_last_kind IN ('nan', '+inf', '-inf'))",
            name=op.f("ck_trials_value_last_kind"),
        ),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("fk_trials_study_id_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
        sa.UniqueConstraint("study_id", "number", name=op.f("uq_trials_study_id_number")),
    )
    op.create_index(op.f("ix_trials_study_id_state"), "trials", ["study_id", "state"], unique=False)
    op.create_index(op.f("ix_trials_study_id_value_number"), "trials", ["study_id", "value", "number"], unique=False)
    op.create_index(op.f("ix_trials_study_id_version"), "trials", ["study_id", "version"], unique=False)

    op.create_table(
        "fits",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("trial_id", sa.Text(), nullable=True),
        sa.Column("trial_number", sa.Integer(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("fold", sa.Integer(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("epochs", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("losses", sa.Integer(), nullable=False),
        sa.Column("program_digest", sa.Text(), nullable=False),
        sa.Column("dataset_digest", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("lane", sa.Integer(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("resumed_from", sa.Integer(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("device_seconds", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('search', 'baseline', 'confirm', 'ablation', 'interaction', 'audit', 'final')",
            name=op.f("ck_fits_role"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'completed', 'failed', 'cancelled')", name=op.f("ck_fits_state")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_fits_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["study_id", "program_digest"],
            ["programs.study_id", "programs.digest"],
            name=op.f("fk_fits_study_id_program_digest_programs"),
        ),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("fk_fits_study_id_studies")),
        sa.ForeignKeyConstraint(["trial_id"], ["trials.id"], name=op.f("fk_fits_trial_id_trials")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fits")),
        sa.UniqueConstraint("trial_id", "role", "fold", "repeat", name=op.f("uq_fits_trial_id_role_fold_repeat")),
    )
    op.create_index(op.f("ix_fits_run_id_state"), "fits", ["run_id", "state"], unique=False)
    op.create_index(
        op.f("ix_fits_study_id_state_trial_number"), "fits", ["study_id", "state", "trial_number"], unique=False
    )

    op.create_table(
        "trial_values",
        sa.Column("trial_id", sa.Text(), nullable=False),
        sa.Column("objective_index", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("value_kind", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "value_kind = 'finite' OR (value IS NULL AND value_kind IN ('nan', '+inf', '-inf'))",
            name=op.f("ck_trial_values_value_kind"),
        ),
        sa.ForeignKeyConstraint(["trial_id"], ["trials.id"], name=op.f("fk_trial_values_trial_id_trials")),
        sa.PrimaryKeyConstraint("trial_id", "objective_index", name=op.f("pk_trial_values")),
    )
    op.create_table(
        "reports",
        sa.Column("fit_id", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("train_loss", sa.Double(), nullable=True),
        sa.Column("train_loss_kind", sa.Text(), nullable=True),
        sa.Column("validation_loss", sa.Double(), nullable=True),
        sa.Column("validation_loss_kind", sa.Text(), nullable=True),
        sa.Column("objective", sa.Double(), nullable=True),
        sa.Column("objective_kind", sa.Text(), nullable=True),
        sa.Column("metrics", sa.JSON(), nullable=True),
        sa.Column("device_seconds", sa.Double(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "objective_kind = 'finite' OR (objective IS NULL AND objective_kind IN ('nan', '+inf', '-inf'))",
            name=op.f("ck_reports_objective_kind"),
        ),
        sa.CheckConstraint(
            "train_loss_kind = 'finite' OR (train_loss IS NULL AND train_loss_kind IN ('nan', '+inf', '-inf'))",
            name=op.f("ck_reports_train_loss_kind"),
        ),
        sa.CheckConstraint(
            "validation_loss_kind = 'finite' OR ("
            "validation_loss IS NULL AND validation_loss_kind IN ('nan', '+inf', '-inf'))",
            name=op.f("ck_reports_validation_loss_kind"),
        ),
        sa.CheckConstraint("epoch >= 1", name=op.f("ck_reports_epoch")),
        sa.ForeignKeyConstraint(["fit_id"], ["fits.id"], name=op.f("fk_reports_fit_id_fits")),
        sa.PrimaryKeyConstraint("fit_id", "attempt", "epoch", name=op.f("pk_reports")),
    )
    op.bulk_insert(
        projects,
        [{"id": "0" * 26, "name": "default", "created_at": datetime.now(UTC)}],
    )


def downgrade() -> None:
    """Goes back to nothing."""
    for table in (
        "reports",
        "trial_values",
        "fits",
        "trials",
        "runs",
        "programs",
        "events",
        "studies",
        "request_keys",
        "lane_caps",
        "datasets",
        "workers",
        "projects",
    ):
        op.drop_table(table)
