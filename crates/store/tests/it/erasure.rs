//! A member with an unmistakable text in every mapped column: the copy holds all of it and nothing of anybody else, the
//! erasure leaves none of it in tables or files, touches nobody else's rows, and nothing brings the member back.

use std::collections::{BTreeMap, BTreeSet};

use pm33_product::{
    Author, Backlog, ItemId, ItemType, NewItem, Objective, ObjectiveId, ObjectiveStatus, Strategy,
};
use pm33_store::Database;
use pm33_tenancy::{
    Actor, Administration, AuditEvent, AuditLog, DataSubject, Processing, TenancyError, User, UserId,
    data_map::{self, Access, Engine},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::bench::{Bench, Home, on_both, settle, spool};

on_both!(
    a_copy_holds_all_of_its_member_and_nothing_of_others_and_an_erasure_leaves_none,
    an_organisation_goes_and_its_neighbour_stays_as_it_was,
    nothing_is_written_in_the_name_of_somebody_who_was_erased_meanwhile,
);

/// A literal in an engine's words.
pub(crate) fn bytes(db: &DatabaseConnection, hex: &str) -> String {
    if db.get_database_backend() == DbBackend::Postgres { format!("'\\x{hex}'") } else { format!("X'{hex}'") }
}

pub(crate) fn id(db: &DatabaseConnection, id: uuid::Uuid) -> String {
    if db.get_database_backend() == DbBackend::Postgres {
        format!("'{id}'")
    } else {
        format!("X'{}'", id.simple())
    }
}

/// Gives a member something in every table that leads to members, each text of it with the member's word.
pub(crate) async fn fill(db: &DatabaseConnection, home: &Home, word: &str) -> UserId {
    let user = UserId::new(home.now.plus(std::time::Duration::from_millis(word.len() as u64 + 7)));
    let (t, u, w) = (id(db, home.tenant.uuid()), id(db, user.uuid()), id(db, home.at.workspace().uuid()));
    let fresh = || id(db, uuid::Uuid::new_v4());
    let (item, hold, request, document) = (fresh(), fresh(), fresh(), fresh());
    let key = format!("{word:0<12}").chars().filter(char::is_ascii_alphanumeric).take(12).collect::<String>();
    let blob = bytes(db, &"ab".repeat(32));
    let number = word.len();
    for statement in [
        format!("INSERT INTO app_user VALUES ({t}, {u}, '{word}.handle', '{word} Name', 1)"),
        format!("INSERT INTO membership VALUES ({t}, {u}, {w}, 'member')"),
        format!(
            "INSERT INTO api_key (tenant_id, key_id, user_id, name, digest, pepper, hash, scopes, workspaces, created, \
             expires, last_used, networks, last_ip, last_network, last_agent) VALUES ({t}, '{key}', {u}, '{word} key', \
             {blob}, 'p1', '{word} hash', 'backlog:read', NULL, 1, 2, 1, NULL, {blob}, '{word} network', '{word} agent')"
        ),
        format!("INSERT INTO key_route VALUES ('{key}', {t})"),
        format!(
            "INSERT INTO session VALUES ({t}, '{word} session', '{key}', 'r', 'c', '{word} client', 1, 1)"
        ),
        format!(
            "INSERT INTO idempotency VALUES ({t}, '{key}', 'tool', '{word} idem', {blob}, '{word} answer', 1, \
             9000000000000000000)"
        ),
        format!(
            "INSERT INTO work_item (tenant_id, workspace_id, item_id, number, item_type, title, status, priority, assignee, \
             labels, skills, objectives, dependencies, description_chars, version, updated, author) VALUES ({t}, {w}, \
             {item}, {number}, 'task', 'An item', 'backlog', 'none', '{word}.HANDLE', '[]', '[]', '[]', '[]', 0, 1, 1, {u})"
        ),
        format!(
            "INSERT INTO item_text (tenant_id, workspace_id, item_id, title, description) VALUES ({t}, {w}, {item}, \
                 'An item', '')"
        ),
        format!("INSERT INTO state_change VALUES ({t}, {w}, {item}, 1, 1, NULL, 'backlog', {u})"),
        format!(
            "INSERT INTO objective VALUES ({t}, {w}, {}, 'Aim {number}', 's', '2027-Q1', NULL, 1.0, 'active', \
             '{word} name', '[]')",
            fresh()
        ),
        format!(
            "INSERT INTO forecast VALUES ({t}, {w}, {}, 'f{number}', 'f{number}', 1, 1, {u}, '{{}}', '{{}}', '{{}}')",
            fresh()
        ),
        format!(
            "INSERT INTO judgement VALUES ({t}, {w}, {}, '{{\"item_quote\":\"asked {word} Name about it\"}}', 1)",
            bytes(db, &format!("{number:02x}").repeat(32))
        ),
        format!(
            "INSERT INTO document VALUES ({t}, {w}, {document}, 1, 'prd', 'prd', 'D {number}', 'd {number}', 'draft', NULL, 1, 1)"
        ),
        format!(
            "INSERT INTO document_version VALUES ({t}, {w}, {document}, 1, 'prd', 'prd', 'D {number}', 'draft', NULL, '[]', \
             '[]', '{{}}', {u}, 1)"
        ),
        format!(
            "INSERT INTO credit_hold VALUES ({t}, {hold}, '{key}', 'tool', 0, 1, 2, 'credits', 'released')"
        ),
        format!(
            "INSERT INTO credit_entry VALUES ({t}, {number}, 1, 'grant', NULL, NULL, -1, 1, 0, 0, 0, 0, {u}, '{word} note')"
        ),
        format!("INSERT INTO credit_period VALUES ({t}, '{key}', '2027-01', 0)"),
        format!("INSERT INTO provider_call VALUES ({t}, {hold}, 1, 1, 'p', 'm', 'c', 1, 0)"),
        format!(
            "INSERT INTO credit_usage VALUES ({t}, {hold}, 1, 'p', 'm', 'x', '{{}}', 'final', 0, '{{}}')"
        ),
        format!(
            "INSERT INTO privacy_request VALUES ({t}, {request}, 'access', {u}, 'gdpr', 'refused', 1, {u}, \
             '{word} details', 'document', 1, 1, '{word} extension', 1, '{word} closing')"
        ),
        format!("INSERT INTO processing_limit VALUES ({t}, {u}, 'opted_out', 1)"),
    ] {
        db.execute_unprepared(&statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    // Through the chain, so that it verifies.
    let session = home.session();
    let mut event: AuditEvent = home.event();
    event.actor = Actor { user: Some(user), ..event.actor };
    event.client.agent = Some(format!("{word} browser").into());
    session.commit(event).await.unwrap();
    user
}

/// Every row of every mapped table, as text.
pub(crate) async fn dump(db: &DatabaseConnection) -> BTreeMap<&'static str, BTreeSet<String>> {
    let backend = db.get_database_backend();
    let here = if backend == DbBackend::Postgres { Engine::Postgres } else { Engine::Sqlite };
    let mut tables: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in data_map::columns() {
        // The index's inner form is looked at as bytes of the file.
        if (one.engine == Engine::Both || one.engine == here) && !one.table.starts_with("item_fts") {
            tables.entry(one.table).or_default().push(one.column);
        }
    }
    let mut all = BTreeMap::new();
    for (table, columns) in tables {
        let sql = if backend == DbBackend::Postgres {
            format!("SELECT t::text FROM {table} t")
        } else {
            let cells: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            format!("SELECT {} FROM {table}", cells.join(" || '|' || "))
        };
        let rows = db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        all.insert(table, rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect());
    }
    all
}

fn files(bench: &Bench) -> Vec<(String, Vec<u8>)> {
    let Database::Sqlite { path } = &bench.database else { return Vec::new() };
    let folder = path.parent().unwrap();
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = all.filter(|path| path.is_file()).chain(spool(path));
    all.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
}

pub(crate) async fn mark(home: &Home, whose: DataSubject) {
    let session = home.store.operator();
    session.mark_erased(home.tenant, whose, home.now).await.unwrap();
    session.commit(home.event()).await.unwrap();
}

pub(crate) fn holds(bytes: &[u8], word: &str) -> bool {
    let lower: Vec<u8> = bytes.iter().map(u8::to_ascii_lowercase).collect();
    lower.windows(word.len()).any(|part| part == word.as_bytes())
}

async fn a_copy_holds_all_of_its_member_and_nothing_of_others_and_an_erasure_leaves_none(bench: Bench) {
    let home = bench.settled().await;
    let db = bench.beside().await;
    let ada = fill(&db, &home, "zq7sentinelada").await;
    let bob = fill(&db, &home, "zq7otherbob").await;
    let neighbour = settle(home.store.clone(), &bench.clock, "neighbour").await;
    fill(&db, &neighbour, "zq7neighbours").await;

    let gathered = home.session().gather(home.tenant, DataSubject::Member(ada)).await.unwrap();
    let text = format!("{gathered:?}").to_lowercase();
    for foreign in ["zq7otherbob", "zq7neighbours", &bob.to_string()] {
        assert!(!text.contains(foreign), "{foreign}: {text}");
    }
    for end in [
        "handle",
        " name",
        " key",
        " network",
        " agent",
        " client",
        " note",
        " details",
        " extension",
        " closing",
        " browser",
    ] {
        assert!(
            text.contains(&format!("zq7sentinelada{end}")) || text.contains(&format!("zq7sentinelada.{end}")),
            "{end}"
        );
    }
    // Every column of every table that leads to her, as far as the map says that it is copied.
    let told: BTreeSet<_> =
        gathered.iter().flat_map(|one| one.columns.iter().map(|column| (one.table, column.column))).collect();
    let linked: BTreeSet<_> = data_map::links().iter().map(|link| link.table).collect();
    let here =
        if db.get_database_backend() == DbBackend::Postgres { Engine::Sqlite } else { Engine::Postgres };
    for one in data_map::columns().filter(|one| one.engine != here && linked.contains(one.table)) {
        if one.rule.rights.access == Access::Copy {
            assert!(told.contains(&(one.table, one.column)), "{}.{}", one.table, one.column);
        }
    }
    assert!(!text.contains("zq7sentinelada hash"), "what proves a key is not handed out");

    let before = dump(&bench.beside().await).await;
    mark(&home, DataSubject::Member(ada)).await;
    let done = home.store.erase(home.tenant, DataSubject::Member(ada)).await.unwrap();
    assert!(
        done.iter().any(|one| one.table == "app_user" && one.act == "deleted" && one.rows == 1),
        "{done:?}"
    );
    assert_eq!(home.store.remaining(home.tenant, DataSubject::Member(ada)).await.unwrap(), []);
    // Again, as after a crash: nothing is left to do.
    let again = home.store.erase(home.tenant, DataSubject::Member(ada)).await.unwrap();
    assert!(again.iter().all(|one| one.act == "kept"), "{again:?}");
    home.store.shred().await.unwrap();
    let after = dump(&db).await;
    for (table, rows) in &after {
        for row in rows {
            assert!(!row.to_lowercase().contains("zq7sentinelada"), "{table}: {row}");
        }
    }
    for (file, bytes) in files(&bench) {
        assert!(!holds(&bytes, "zq7sentinelada"), "{file}");
        assert!(!file.ends_with("pm33.db") || holds(&bytes, "zq7otherbob"), "the search finds what is there");
    }
    // Nobody else's rows changed: what is different was hers, or is a counter.
    let hers = [ada.uuid().simple().to_string(), ada.to_string(), "zq7sentinela".to_owned()];
    for (table, rows) in &before {
        for row in rows.difference(&after[table]) {
            let lower = row.to_lowercase();
            let is_hers = hers.iter().any(|one| lower.contains(one.as_str()));
            assert!(is_hers || ["workspace", "audit_head", "epoch"].contains(table), "{table}: {row}");
        }
    }
    let (_, breaks) = home.session().verify(home.tenant).await.unwrap();
    assert_eq!(breaks, []);
}

async fn an_organisation_goes_and_its_neighbour_stays_as_it_was(bench: Bench) {
    let home = bench.settled().await;
    let db = bench.beside().await;
    fill(&db, &home, "zq7sentinelada").await;
    let author = Author { user: Some(home.user), at: home.now };
    let new = NewItem {
        description: "zq7indexedword".to_owned(),
        ..NewItem::titled(ItemId::new(home.now), ItemType::Task, "zq7titleword")
    };
    let session = home.session();
    session.create(home.at, new, author).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let neighbour = settle(home.store.clone(), &bench.clock, "neighbour").await;
    fill(&db, &neighbour, "zq7neighbours").await;
    let before = dump(&bench.beside().await).await;
    let whole = DataSubject::Organisation;
    mark(&home, whole).await;
    home.store.erase(home.tenant, whole).await.unwrap();
    assert_eq!(home.store.remaining(home.tenant, whole).await.unwrap(), []);
    // Sweeps still come to what is kept of it.
    assert!(home.store.sessions().tenants().await.unwrap().contains(&home.tenant));
    home.store.shred().await.unwrap();
    let after = dump(&db).await;
    let ours = [home.tenant.uuid().simple().to_string(), home.tenant.to_string()];
    for (table, rows) in &before {
        for row in rows.difference(&after[table]) {
            let lower = row.to_lowercase();
            assert!(
                ours.iter().any(|one| lower.contains(one.as_str())) || *table == "epoch",
                "{table}: {row}"
            );
        }
    }
    for (table, rows) in &after {
        for row in rows {
            let lower = row.to_lowercase();
            for word in ["zq7sentinelada", "zq7titleword", "zq7indexedword", "'acme'", ",acme,"] {
                assert!(!lower.contains(word), "{table}: {row}");
            }
        }
    }
    for (file, bytes) in files(&bench) {
        for word in ["zq7sentinelada", "zq7titleword", "zq7indexedword"] {
            assert!(!holds(&bytes, word), "{word} in {file}");
        }
    }
    // The accounts and the chain stay, and the chain holds.
    let (rows, breaks) = home.session().verify(home.tenant).await.unwrap();
    assert!(rows > 0 && breaks.is_empty(), "{breaks:?}");
}

async fn nothing_is_written_in_the_name_of_somebody_who_was_erased_meanwhile(bench: Bench) {
    let home = bench.settled().await;
    let db = bench.beside().await;
    let ada = fill(&db, &home, "zq7sentinelada").await;
    let author = Author { user: Some(ada), at: home.now };
    // A call that runs for long: it wrote before the erasure and ends after it. On the embedded database whoever writes
    // has the writer, so it has not written yet.
    let slow = home.session();
    let new = |assignee: &str| NewItem {
        assignee: Some(assignee.to_owned()),
        ..NewItem::titled(ItemId::new(home.now), ItemType::Task, "Late")
    };
    mark(&home, DataSubject::Member(ada)).await;
    let mut event = home.event();
    event.actor = Actor { user: Some(ada), ..event.actor };
    slow.create(home.at, new("somebody"), author).await.unwrap();
    assert!(slow.commit(event.clone()).await.is_err(), "the call's writes are lost with it");
    home.store.erase(home.tenant, DataSubject::Member(ada)).await.unwrap();
    // A call that only read leaves its row in the chain, without its person.
    home.session().commit(event).await.unwrap();
    assert_eq!(home.store.remaining(home.tenant, DataSubject::Member(ada)).await.unwrap(), []);
    // An import brings a name back: as nobody's.
    let session = home.session();
    let import = Author { user: None, at: home.now };
    let item = session.create(home.at, new("ZQ7Sentinelada.Handle"), import).await.unwrap();
    assert_eq!(item.assignee, None);
    let other = session.create(home.at, new("zq7other"), import).await.unwrap();
    assert_eq!(other.assignee.as_deref(), Some("zq7other"));
    for (owner, kept) in [("ZQ7sentinelada.handle", None), ("zq7other", Some("zq7other"))] {
        let objective = Objective {
            id: ObjectiveId::new(home.now),
            title: "Grow".into(),
            statement: String::new(),
            period: String::new(),
            theme: None,
            weight: 1.0,
            status: ObjectiveStatus::Active,
            owner: Some(owner.to_owned()),
            key_results: Vec::new(),
        };
        session.put_objective(home.at, &objective).await.unwrap();
        let found = session.objectives(home.at).await.unwrap();
        let found = found.iter().find(|one| one.id == objective.id).unwrap();
        assert_eq!(found.owner.as_deref(), kept);
    }
    session.commit(home.event()).await.unwrap();
    let again = User {
        tenant: home.tenant,
        id: UserId::new(home.now),
        handle: "zq7sentinelADA.handle".to_owned(),
        name: "A".to_owned(),
        created: home.now,
    };
    let refused = home.store.operator().create_user(&again).await;
    assert!(matches!(refused, Err(TenancyError::Invalid { field: "handle", .. })), "{refused:?}");
    assert!(home.session().processing(home.tenant).await.unwrap().erased.len() >= 2);
}
