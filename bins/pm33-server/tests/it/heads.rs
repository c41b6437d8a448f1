//! Heads of audit logs leave a running server, when it starts and when it ends: a line in the log and one in a file, signed,
//! by which a log that is cut later is told (governance A6).

use pm33_tenancy::{AuditLog, HeadLine};
use serde_json::json;

use crate::{crash::good, home::Home, served::Served};

#[test]
fn heads_leave_a_running_server_by_its_log_and_a_file() {
    let home = Home::sqlite(2);
    let folder = home.file("heads");
    std::fs::create_dir(&folder).expect("a folder");
    let place = folder.display().to_string();
    let mut server =
        Served::start(&home, &[("PM33_AUDIT_HEADS_DIR", &place), ("PM33_TELEMETRY_LOG_FILTER", "info")]);
    let key = &home.keys[0].1;
    let mut socket = server.connect().expect("a connection");
    for _ in 0..3 {
        good(&server.tool(&mut socket, key, "pm33_query_backlog", &json!({})).expect("an answer"));
    }
    server.terminate();
    assert!(server.ended().success());
    let files: Vec<_> = std::fs::read_dir(&folder).expect("the folder").flatten().collect();
    assert_eq!(files.len(), 1, "one file a month: {files:?}");
    let text = std::fs::read_to_string(files[0].path()).expect("heads");
    let heads: Vec<HeadLine> = text.lines().map(|line| serde_json::from_str(line).expect("a head")).collect();
    let of = |number: usize| -> Vec<u64> {
        heads.iter().filter(|head| head.tenant == home.keys[number].0).map(|head| head.seq).collect()
    };
    let seqs = of(0);
    assert!(seqs.len() >= 2 && seqs.last() >= seqs.first().map(|first| first + 3).as_ref(), "{seqs:?}");
    assert!(of(1).len() >= 2, "every organisation's");
    let log = std::fs::read_to_string(home.file("log")).expect("the log");
    for head in &heads {
        assert!(
            log.contains("pm33::audit_head") && log.contains(&head.signature.to_string()),
            "{}",
            head.seq
        );
    }
    home.look(async |foundation| {
        for head in &heads {
            let session = foundation.store.session(head.tenant);
            let (newest, _) = session.chain(head.tenant).await.expect("a chain").head.expect("a head");
            assert!(newest.seq >= head.seq, "nothing was cut");
            let told = head.head(None).expect("a head");
            assert!(foundation.store.is_signed(&told, &head.signature), "{}", head.seq);
        }
    });
}
