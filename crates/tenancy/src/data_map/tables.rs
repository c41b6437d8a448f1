//! The tables, each column under its rule. A row's tenant goes where the row goes.

use super::{
    Engine, Rule,
    rules::{
        ACCOUNT, ACCOUNT_NOTE, AUDIT_CHAIN, AUDIT_KEEPING, AUDIT_PERSON, AUTHOR, CONTENT, DERIVED, DOCUMENT,
        DOCUMENT_AUTHOR, ERASED_MARK, JUDGED, KEY, LAST_USE, LIMIT, MACHINERY, MEMBER, ORGANISATION,
        ORGANISATION_NAME, ORGANISATION_ROW, PROOF, REPLAY, REQUEST, REQUEST_SUBJECT, REQUEST_WORDS, SESSION,
        TRANSFER, WINDOW,
    },
    secrets::ORGANISATION_SECRET,
};

/// A table: its columns by rule, their names parted by spaces.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) engine: Engine,
    pub(super) parts: &'static [(&'static str, &'static Rule)],
}

const fn table(name: &'static str, parts: &'static [(&'static str, &'static Rule)]) -> Table {
    Table { name, engine: Engine::Both, parts }
}

const fn of(engine: Engine, name: &'static str, parts: &'static [(&'static str, &'static Rule)]) -> Table {
    Table { name, engine, parts }
}

pub(super) static TABLES: &[Table] = &[
    table(
        "tenant",
        &[("tenant_id plan state created", &ORGANISATION_ROW), ("slug name", &ORGANISATION_NAME)],
    ),
    table("tenant_route", &[("tenant_id", &ORGANISATION_ROW)]),
    table("tenant_setting", &[("tenant_id settings", &ORGANISATION)]),
    table("provider_key", &[("tenant_id provider since", &ORGANISATION), ("sealed", &ORGANISATION_SECRET)]),
    table("app_user", &[("tenant_id user_id handle name created", &MEMBER)]),
    table("membership", &[("tenant_id user_id workspace_id role", &MEMBER)]),
    table(
        "api_key",
        &[
            ("tenant_id key_id user_id name scopes workspaces networks parent", &KEY),
            ("created expires rotated_until revoked noticed suspended_until exposed", &KEY),
            ("digest pepper hash", &PROOF),
            ("last_used last_ip last_network last_agent", &LAST_USE),
        ],
    ),
    table("key_route", &[("tenant_id key_id", &KEY)]),
    table(
        "session",
        &[("tenant_id session_id principal revision capabilities client opened used", &SESSION)],
    ),
    table("idempotency", &[("tenant_id principal tool idem_key arguments answer at expires", &REPLAY)]),
    table(
        "workspace",
        &[
            ("tenant_id workspace_id slug prefix name created vocabulary", &CONTENT),
            ("version last_number", &DERIVED),
        ],
    ),
    table(
        "team",
        &[
            ("tenant_id workspace_id team_id name capacity_per_week wip_limit skills calendar", &CONTENT),
            ("folded", &DERIVED),
        ],
    ),
    table(
        "sprint",
        &[("tenant_id workspace_id sprint_id team_id name start_day end_day committed", &CONTENT)],
    ),
    table("mission", &[("tenant_id workspace_id statement themes", &CONTENT)]),
    table(
        "objective",
        &[
            (
                "tenant_id workspace_id objective_id title statement period theme weight status key_results",
                &CONTENT,
            ),
            ("owner", &AUTHOR),
        ],
    ),
    table(
        "competitor",
        &[("tenant_id workspace_id competitor_id name tier summary capabilities signals", &CONTENT)],
    ),
    table(
        "work_item",
        &[
            (
                "tenant_id workspace_id item_id number item_type title status priority points estimate_days",
                &CONTENT,
            ),
            ("parent_id team_id sprint_id labels skills objectives dependencies related", &CONTENT),
            ("release_day due_day scoring external_source external_id custom", &CONTENT),
            ("created started finished updated archived", &CONTENT),
            ("assignee author", &AUTHOR),
            ("description_chars version moved", &DERIVED),
        ],
    ),
    table("item_text", &[("tenant_id workspace_id item_id title description", &CONTENT)]),
    of(Engine::Postgres, "item_text", &[("search", &DERIVED)]),
    // The index of words. Its shadow tables hold them in SQLite's own form.
    of(Engine::Sqlite, "audit_spool", &[("process frame", &MACHINERY)]),
    of(Engine::Sqlite, "item_fts", &[("scope title description item_id", &DERIVED)]),
    of(Engine::Sqlite, "item_fts_data", &[("id block", &DERIVED)]),
    of(Engine::Sqlite, "item_fts_idx", &[("segid term pgno", &DERIVED)]),
    of(Engine::Sqlite, "item_fts_content", &[("id c3", &DERIVED)]),
    of(Engine::Sqlite, "item_fts_docsize", &[("id sz origin", &DERIVED)]),
    of(Engine::Sqlite, "item_fts_config", &[("k v", &MACHINERY)]),
    table(
        "state_change",
        &[("tenant_id workspace_id item_id at seq from_status to_status", &CONTENT), ("by_user", &AUTHOR)],
    ),
    table(
        "forecast",
        &[
            ("tenant_id workspace_id forecast_id name saved as_of question recipe answer", &CONTENT),
            ("author", &AUTHOR),
            ("folded", &DERIVED),
        ],
    ),
    table("judgement", &[("tenant_id workspace_id digest body made", &JUDGED)]),
    table(
        "document",
        &[
            ("tenant_id workspace_id document_id version kind template title status about_id", &DOCUMENT),
            ("created updated", &DOCUMENT),
            ("folded", &DERIVED),
        ],
    ),
    table(
        "document_version",
        &[
            ("tenant_id workspace_id document_id version kind template title status about_id", &DOCUMENT),
            ("sections sources provenance at", &DOCUMENT),
            ("author", &DOCUMENT_AUTHOR),
        ],
    ),
    table("document_template", &[("tenant_id workspace_id name body", &CONTENT)]),
    table(
        "audit_row",
        &[
            ("tenant_id seq prev_hash hash schema_version at correlation traceparent", &AUDIT_CHAIN),
            ("actor_kind actor key_id scopes method target arguments workspace_id", &AUDIT_CHAIN),
            ("outcome code latency_micros tokens micro_credits hold provider model", &AUDIT_CHAIN),
            ("removed_characters limit_verdict personal", &AUDIT_CHAIN),
        ],
    ),
    table("audit_personal", &[("tenant_id seq salt user_id ip ip_prefix agent", &AUDIT_PERSON)]),
    table("audit_head", &[("tenant_id seq hash signature", &AUDIT_CHAIN)]),
    table(
        "audit_anchor",
        &[("tenant_id from_seq to_seq removed hash policy actor at signature", &AUDIT_KEEPING)],
    ),
    table("audit_hold", &[("tenant_id hold_id subject subject_id reason placed released", &AUDIT_KEEPING)]),
    table(
        "credit_balance",
        &[("tenant_id seq funding available held spent overdraft loss frozen", &ACCOUNT)],
    ),
    table("credit_hold", &[("tenant_id hold_id key_id tool amount at expires backing state", &ACCOUNT)]),
    table(
        "credit_entry",
        &[
            (
                "tenant_id seq at kind hold_id resolves funding available held spent overdraft loss actor",
                &ACCOUNT,
            ),
            ("note", &ACCOUNT_NOTE),
        ],
    ),
    table("credit_period", &[("tenant_id subject period committed", &ACCOUNT)]),
    table(
        "credit_usage",
        &[("tenant_id hold_id call_number provider model price tokens source amount raw", &ACCOUNT)],
    ),
    table(
        "provider_call",
        &[("tenant_id hold_id call_number at provider model categories bytes redactions", &TRANSFER)],
    ),
    table(
        "privacy_request",
        &[
            ("tenant_id request_id kind law state received identity verified extended closed", &REQUEST),
            ("subject filed_by", &REQUEST_SUBJECT),
            ("details extension closing", &REQUEST_WORDS),
        ],
    ),
    table("processing_limit", &[("tenant_id subject kind since", &LIMIT)]),
    table("erased", &[("tenant_id mark at", &ERASED_MARK)]),
    of(Engine::Postgres, "call_window", &[("tenant_id budget principal slot calls waits", &WINDOW)]),
    table("epoch", &[("name value", &MACHINERY)]),
    table("seaql_migrations", &[("version applied_at", &MACHINERY)]),
];
