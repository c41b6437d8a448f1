//! A key that comes in the clear to a server of TLS is refused, and its organisation is told once that others may have read
//! it: in its audit log and with the key (governance K8).

use std::{
    io::{BufReader, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use pm33_auth::KeyStore;
use pm33_tenancy::AuditLog;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;

use crate::{
    home::Home,
    served::{Served, post, read_answer},
};

const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_key_in_the_clear_is_refused_and_its_organisation_told_once() {
    let home = Home::sqlite(1);
    let (tenant, key) = home.keys[0].clone();
    let (unused, _) = home.key(tenant, Duration::from_hours(1), None);
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let [certificate, private] = ["cert.pem", "key.pem"].map(|name| home.file(name));
    std::fs::write(&certificate, cert.pem()).expect("a file");
    std::fs::write(&private, signing_key.serialize_pem()).expect("a file");
    let [certificate, private] = [certificate, private].map(|path| path.display().to_string());
    let server = Served::start(&home, &[("PM33_TLS_CERTIFICATE", &certificate), ("PM33_TLS_KEY", &private)]);
    for key in [key.as_str(), key.as_str(), "nonsense"] {
        let mut socket = TcpStream::connect(&server.address).expect("a connection");
        socket.write_all(post(&[], key, "tools/list", "", json!({})).as_bytes()).expect("sent");
        let answer = read_answer(&mut BufReader::new(socket)).expect("an answer");
        assert!(answer.status == 403 && answer.body.contains("use https://"), "{answer:?}");
        assert!(!answer.body.contains(key), "{answer:?}");
    }
    home.look(async |foundation| {
        let session = foundation.store.session(tenant);
        let begun = Instant::now();
        // The answer does not wait for the note.
        let told = loop {
            let rows = session.tail(tenant, 100).await.expect("rows").rows;
            let told = rows.iter().filter(|(_, row)| &*row.method == "system/key.exposed").count();
            if told > 0 || begun.elapsed() > SOON {
                break told;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(told, 1, "told once");
        for one in session.list(tenant).await.expect("keys") {
            let is_exposed = key.contains(one.id.as_str());
            assert_eq!(one.exposed.is_some(), is_exposed && !unused.contains(one.id.as_str()), "{}", one.id);
        }
    });
}
