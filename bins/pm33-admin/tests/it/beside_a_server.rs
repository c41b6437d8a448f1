//! Beside a running server on the same file: what the admin does is seen by the server at once.

use std::{sync::mpsc::channel, time::Duration};

use crate::{
    command::{acme, json, rows, text},
    serving::{Server, status},
};

/// The longest that a server may go on serving a revoked key, with room for a slow machine.
const A_SECOND_OR_SO: Duration = Duration::from_secs(3);

#[test]
fn a_new_key_serves_at_once_and_a_revoked_one_no_longer() {
    let folder = acme();
    let server = Server::start(folder.path());
    let address = server.address;
    let made = json(folder.path(), "key create acme ada --name beside");
    let (key, id) = (text(&made, "key"), text(&made, "id"));
    assert_eq!(status(address, &key), 200, "a new key works at once");
    // Lists work while the server has the file open, and see its calls.
    let listed = rows(folder.path(), "audit list acme");
    assert!(listed.iter().any(|row| row["key"] == *id), "{listed:?}");

    json(folder.path(), &format!("key revoke acme {id} --yes"));
    let (to_us, refused) = channel();
    let asking = std::thread::spawn(move || {
        while status(address, &key) != 401 {}
        to_us.send(())
    });
    refused.recv_timeout(A_SECOND_OR_SO).expect("the revoked key stops in time");
    asking.join().expect("it asked").expect("told");

    let other = text(&json(folder.path(), "key create acme ada --name other"), "key");
    assert_eq!(status(address, &other), 200);
    json(folder.path(), "tenant suspend acme -y");
    let (to_us, refused) = channel();
    let asking = std::thread::spawn(move || {
        while status(address, &other) == 200 {}
        to_us.send(())
    });
    refused.recv_timeout(A_SECOND_OR_SO).expect("a suspended tenant's keys stop in time");
    asking.join().expect("it asked").expect("told");
}
