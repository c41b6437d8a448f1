//! What is kept outside the tables: memory, files, logs, copies. No schema tells of these, so whoever adds a memory or a
//! file adds its line here.

use super::{Elsewhere, rules};

pub(super) static PLACES: &[Elsewhere] = &[
    Elsewhere {
        place: "memory: workspace snapshots",
        holds: "items, teams, strategy and their authors, of workspaces in use; least used first out, and those that nobody asks for within two minutes after another process changed them",
        rule: &rules::MEMORY,
    },
    Elsewhere {
        place: "memory: directory",
        holds: "organisations, settings, workspaces and members, until any of them changes",
        rule: &rules::MEMORY,
    },
    Elsewhere {
        place: "memory: keys that were checked",
        holds: "digests of keys, their owners and scopes; refused ones for a minute",
        rule: &rules::PROOF,
    },
    Elsewhere {
        place: "memory: live sessions",
        holds: "ids of older clients' sessions and their principals",
        rule: &rules::SESSION,
    },
    Elsewhere {
        place: "memory: streams of older clients",
        holds: "notices and answers that a client may ask for again after a broken line: 64 of a stream, of 16 streams of a \
                session at most; gone with the session",
        rule: &rules::MEMORY,
    },
    Elsewhere {
        place: "memory: limits",
        holds: "times of calls by key and organisation, and of requests without a good key by address (/32, /56)",
        rule: &rules::WINDOW,
    },
    Elsewhere {
        place: "memory: pseudonyms",
        holds: "users' ids with their keyed pseudonyms, 4,096 at most; forgotten every hour and when somebody is erased",
        rule: &rules::MEMORY,
    },
    Elsewhere {
        place: "memory: metadata that clients repeat",
        holds: "what client programs say of themselves, as they sent it: 64 texts of 1 KiB at most, each until another takes its place; \
                none with a progress token, a trace or another key that the protocol gives a single request",
        rule: &rules::MEMORY,
    },
    Elsewhere {
        place: "memory: the calls being served",
        holds: "the raw address, arguments and answer of each call, gone with its end",
        rule: &rules::MEMORY,
    },
    Elsewhere {
        place: "file: write-ahead log and shared memory of the embedded database",
        holds: "pages of any table; on PostgreSQL its write-ahead log and dead rows until its vacuum",
        rule: &rules::PAGES,
    },
    Elsewhere {
        place: "file: pm33.db-audit/ beside the embedded database",
        holds: "audit rows with their personal side, of calls that only read: mostly for some ten milliseconds, until they are in the \
                audit log, and then overwritten",
        rule: &rules::PAGES,
    },
    Elsewhere {
        place: "file: pm33.db-audit/*.refused, *.damaged and *.foreign beside the embedded database",
        holds: "audit rows with their personal side that the audit log does not take, because its chain or they were changed from \
                outside, or are another deployment's; none as long as nobody did that",
        rule: &rules::ASIDE,
    },
    Elsewhere {
        place: "file: secrets.toml",
        holds: "keys of the deployment, nobody's data",
        rule: &rules::SECRET,
    },
    Elsewhere {
        place: "file: erasures.jsonl",
        holds: "ids of organisations, and keyed marks of members and organisations that were erased, with times: a restored backup \
                is erased again, and an interrupted erasure is brought to its end",
        rule: &rules::ERASED_MARK,
    },
    Elsewhere {
        place: "file: metrics-releases.json",
        holds: "what was published of usage, and keyed pseudonyms of the organisations in it",
        rule: &rules::RELEASE,
    },
    Elsewhere {
        place: "file: heads-….ndjson in audit.heads_dir",
        holds: "signed heads of audit logs: ids of organisations, counts of rows and digests",
        rule: &rules::AUDIT_KEEPING,
    },
    Elsewhere {
        place: "file: policies/",
        holds: "published versions of the policy, nobody's data",
        rule: &rules::MACHINERY,
    },
    Elsewhere {
        place: "copy: backups, and `before-restore-…` folders",
        holds: "everything that the database held then",
        rule: &rules::COPY,
    },
    Elsewhere {
        place: "copy: exports",
        holds: "a workspace's content, an organisation's credits or its audit log, in a file of the operator's choice",
        rule: &rules::COPY,
    },
    Elsewhere {
        place: "log: standard error",
        holds: "correlation ids, ids of keys and holds, and networks (/24, /48) of refused callers",
        rule: &rules::LOG,
    },
    Elsewhere {
        place: "telemetry: metrics and traces",
        holds: "counts, times, names of tools, correlation ids and the trace context that a client sent",
        rule: &rules::LOG,
    },
];
