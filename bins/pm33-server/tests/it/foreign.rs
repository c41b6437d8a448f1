//! Another organisation's ids, names and keys in every argument of every tool and in every resource: each answers like one that does not exist, in status, header fields and body, and nobody's canary is in another's answers or in the log (governance §6).

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    ops::Range,
    sync::Arc,
    time::Instant,
};

use pm33_product::{Author, Backlog, ItemId, ItemType, NewItem};
use pm33_tenancy::{Administration, Directory, WorkspaceAccess, open_workspace};
use pm33_tools::ToolEntry;
use serde_json::{Value, json};

use crate::{
    home::Home,
    length::length,
    registry::{example, input, offered},
    served::{Answer, Served, post, read_answer},
};

/// How many organisations there are, and of those that could try a value at a place, each how-many-eth does: for each change
/// every value of everybody is tried at every place by one other, and of the whole bar (50 organisations, 245 foreign values
/// each) by two or three.
const BREADTH: (usize, usize) = (3, 2);
const WHOLE_BREADTH: (usize, usize) = (50, 20);

/// What an organisation has that another must not reach: what is asked for, and the same in a form that nobody has.
struct Foreign {
    pairs: Vec<(String, String)>,
}

/// An id, and one that differs in its last letter alone: what is said of a bad argument depends on how it begins.
pub(crate) fn nobodys(id: &str) -> (String, String) {
    (id.to_owned(), changed(id, 0..id.len()))
}

/// The same with another letter, the last one of a part that is one. Not another digit: where texts are read for numbers, both
/// hold the same.
pub(crate) fn changed(text: &str, part: Range<usize>) -> String {
    let is_letter = |at: &usize| matches!(text.as_bytes()[*at], b'a'..=b'd' | b'f'..=b'z');
    let at = part.rev().find(is_letter).expect("no letter to change");
    let other = if text.as_bytes()[at] == b'a' { "b" } else { "a" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

fn canary(number: usize) -> String {
    format!("Zq7canary{number:02}")
}

/// Gives each organisation an item with its canary; what the others try.
fn filled(home: &Home) -> Vec<Foreign> {
    let tenants: Vec<_> = home.keys.iter().map(|(tenant, _)| *tenant).collect();
    home.look(async |foundation| {
        let mut all = Vec::new();
        for (number, tenant) in tenants.iter().enumerate() {
            let session = foundation.store.session(*tenant);
            let now = foundation.clock.now();
            let user = session.users(*tenant).await.expect("users")[0].id;
            let (at, place) =
                open_workspace(&session, *tenant, &WorkspaceAccess::All, None).await.expect("a workspace");
            let new = NewItem {
                description: canary(number),
                assignee: Some(canary(number)),
                labels: vec![canary(number)],
                ..NewItem::titled(ItemId::new(now), ItemType::Task, canary(number))
            };
            let item = session.create(at, new, Author { user: Some(user), at: now }).await.expect("an item");
            session.commit(pm33_app::act(*tenant, "admin/import", None, now)).await.expect("committed");
            let workspaces = foundation.store.session(*tenant).workspaces(*tenant).await.expect("workspaces");
            assert_eq!(workspaces.len(), 1);
            all.push(Foreign {
                pairs: vec![
                    nobodys(&place.id.to_string()),
                    nobodys(&item.id.to_string()),
                    nobodys(&user.to_string()),
                    (format!("W{number}-1"), format!("W{number}-9")),
                    (canary(number), format!("Zq7absent{number:02}")),
                ],
            });
        }
        all
    })
}

/// Places of texts in arguments.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(number, one)| texts(one, &format!("{at}/{number}"), found));
        }
        Value::Object(all) => all.iter().for_each(|(name, one)| texts(one, &format!("{at}/{name}"), found)),
        _ => {}
    }
}

/// An answer without what no two answers share: times, ids, sealed positions.
fn bare(value: &mut Value) {
    match value {
        Value::String(text) => {
            let is_time = text.len() > 18 && text.as_bytes()[4] == b'-' && text.as_bytes()[10] == b'T';
            let is_sealed = text.len() > 60 && !text.contains(' ') && !text.contains('{');
            if is_time || is_sealed || text.parse::<pm33_tenancy::UserId>().is_ok() {
                "V".clone_into(text);
            } else if let Ok(mut inner) = serde_json::from_str::<Value>(text)
                && inner.is_object()
            {
                bare(&mut inner);
                *text = inner.to_string();
            }
        }
        Value::Array(all) => all.iter_mut().for_each(bare),
        Value::Object(all) => all.values_mut().for_each(bare),
        _ => {}
    }
}

/// A caller's connection.
struct Line<'a> {
    server: &'a Served,
    socket: TcpStream,
    key: &'a str,
}

impl<'a> Line<'a> {
    fn to(server: &'a Served, key: &'a str) -> Self {
        Self { server, socket: server.connect().expect("a connection"), key }
    }

    /// One call; a fresh process may send callers away before it reads their message.
    fn ask(&mut self, method: &str, name: &str, params: Value) -> Answer {
        let request = post(&[], self.key, method, name, params);
        loop {
            let sent = self.socket.write_all(request.as_bytes());
            match read_answer(&mut BufReader::new(&mut self.socket)) {
                Some(answer) if answer.status == 503 && answer.json().get("id").is_none() => {}
                Some(answer) if sent.is_ok() => return answer,
                _ => self.socket = self.server.connect().expect("a connection"),
            }
        }
    }

    /// The answer with the asked value taken out.
    fn shape(&mut self, method: &str, name: &str, params: Value, asked: &str) -> Shape {
        let answer = self.ask(method, name, params);
        let mut value: Value = serde_json::from_str(&answer.body.replace(asked, "V")).unwrap_or(Value::Null);
        bare(&mut value);
        Shape { status: answer.status, headers: headers(&answer), body: value.to_string() }
    }
}

/// What is compared of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// All header fields but what no two answers of one caller share: the number that each request gets, the time, the length of a
/// body with times in it, whose zeros are left out (the bodies are compared), and what a limit has left and until when, which
/// each call counts down.
fn headers(answer: &Answer) -> Vec<(String, String)> {
    let kept = answer.fields().filter(|(name, _)| !["x-request-id", "date", "content-length"].contains(name));
    kept.map(|(name, value)| {
        (name.to_owned(), if name == "ratelimit" { left(value) } else { value.to_owned() })
    })
    .collect()
}

/// `"key";r=59;t=12` without its counts.
fn left(field: &str) -> String {
    let parts = field.split(';').map(|part| match part.split_once('=') {
        Some((name @ ("r" | "t"), count)) => {
            format!("{name}={}", count.trim_start_matches(|one: char| one.is_ascii_digit()))
        }
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join(";")
}

/// The answer to one call with the asked value taken out.
pub(crate) fn shape(
    server: &Served,
    key: &str,
    method: &str,
    name: &str,
    params: Value,
    asked: &str,
) -> Shape {
    Line::to(server, key).shape(method, name, params, asked)
}

/// Places of a tool's texts: those of its example, and arguments that the example has not.
fn places(tool: &Arc<ToolEntry>, arguments: &Value) -> Vec<String> {
    let mut places = Vec::new();
    texts(arguments, "", &mut places);
    places.retain(|place| !place.ends_with("idempotency_key"));
    let schema = input(tool);
    for (field, about) in schema["properties"].as_object().into_iter().flatten() {
        let is_text = about["type"] == "string"
            || about["type"].as_array().is_some_and(|all| all.contains(&json!("string")));
        let place = format!("/{field}");
        if is_text && about.get("enum").is_none() && field != "idempotency_key" && !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// One organisation tries what the others have; how often it asked.
fn tries(line: &mut Line<'_>, number: usize, all: &[Foreign]) -> usize {
    let mut asked = 0;
    let mut alike = |about: &str,
                     other: usize,
                     (theirs, nobodys): &(String, String),
                     ask: &mut dyn FnMut(&str) -> Shape| {
        let (found, missing) = (ask(theirs), ask(nobodys));
        assert_eq!(found, missing, "{about} {theirs}");
        assert!(!found.body.contains(&canary(other)), "{about}: {found:?}");
        assert!(!format!("{:?}", found.headers).contains(theirs.as_str()), "{about}: {found:?}");
        asked += 2;
    };
    let others = all.iter().enumerate().filter(|(other, _)| *other != number);
    let pairs: Vec<_> =
        others.flat_map(|(other, foreign)| foreign.pairs.iter().map(move |pair| (other, pair))).collect();
    let each = length(BREADTH, WHOLE_BREADTH).1;
    // The organisations that could try a value take turns from place to place.
    let is_turn =
        |place: usize, other: usize| (number - usize::from(number > other) + place).is_multiple_of(each);
    let mut turn = 0;
    for tool in offered().tools() {
        let mut arguments = Value::Object(example(tool));
        let places = places(tool, &arguments);
        // The first one's calls are done, the others' need leave nothing behind.
        if number > 0 && input(tool)["properties"]["dry_run"].is_object() {
            arguments["dry_run"] = json!(true);
        }
        for place in &places {
            turn += 1;
            for (other, pair) in pairs.iter().filter(|(other, _)| is_turn(turn, *other)) {
                alike(&format!("{} {place}", tool.spec.name), *other, pair, &mut |value| {
                    let mut arguments = arguments.clone();
                    match arguments.pointer_mut(place) {
                        Some(slot) => *slot = value.into(),
                        None => arguments[place.trim_start_matches('/')] = value.into(),
                    }
                    let params = json!({ "name": tool.spec.name, "arguments": arguments });
                    line.shape("tools/call", tool.spec.name, params, value)
                });
            }
        }
    }
    for resource in offered().resources().filter(|resource| resource.spec().is_template()) {
        for variable in ["{workspace}", "{key}"] {
            turn += 1;
            for (other, pair) in pairs.iter().filter(|(other, _)| is_turn(turn, *other)) {
                alike(&format!("{} {variable}", resource.spec().uri), *other, pair, &mut |value| {
                    let uri = resource.spec().uri.replace(variable, value);
                    let uri = uri.replace("{workspace}", "main").replace("{key}", "W99-1");
                    line.shape("resources/read", &uri, json!({ "uri": uri }), value)
                });
            }
        }
    }
    asked
}

#[expect(clippy::print_stderr, reason = "what it measured is told")]
fn fuzz(engine: &str, home: &Home) {
    let all = filled(home);
    // Everything that it can tell.
    let server = Served::start(home, &[("PM33_TELEMETRY_LOG_FILTER", "trace")]);
    let begun = Instant::now();
    let asked: usize = std::thread::scope(|scope| {
        let (server, all) = (&server, &all);
        let callers =
            home.keys.iter().enumerate().map(|(number, (_, key))| {
                scope.spawn(move || tries(&mut Line::to(server, key), number, all))
            });
        let callers: Vec<_> = callers.collect();
        callers.into_iter().map(|one| one.join().expect("it asked")).sum()
    });
    let took = begun.elapsed();
    let told = told(home);
    eprintln!(
        "{engine}: {} organisations, {asked} answers compared in {took:?}, {told} lines of its log",
        all.len()
    );
    assert!(asked > 1_000 * all.len() && told >= asked, "{asked} {told}");
}

/// Lines of the server's log, none of which names anybody's canary.
fn told(home: &Home) -> usize {
    let log = BufReader::new(std::fs::File::open(home.file("log")).expect("a log"));
    let lines =
        log.lines().map_while(Result::ok).inspect(|line| assert!(!line.contains("Zq7canary"), "{line}"));
    lines.count()
}

#[test]
fn what_belongs_to_others_answers_like_what_is_not_there() {
    fuzz("SQLite", &Home::sqlite(length(BREADTH, WHOLE_BREADTH).0));
}

#[test]
fn what_belongs_to_others_answers_like_what_is_not_there_on_postgresql() {
    if let Some(home) = Home::postgres(length(BREADTH, WHOLE_BREADTH).0) {
        fuzz("PostgreSQL", &home);
    }
}
