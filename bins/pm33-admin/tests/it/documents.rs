//! Documents from the command line: listed, exported as Markdown, templates of a workspace's own; and archives bring
//! all of it back.

use serde_json::json;

use crate::command::{acme, json, rows, run, said};

/// The first line of an archive.
const HEAD: &str =
    r#"{"kind":"pm33_workspace","version":1,"exported":"2026-01-01T00:00:00Z","prefix":"OLD"}"#;

#[test]
fn templates_and_documents_come_and_go() {
    let folder = acme();
    let folder = folder.path();
    let file = folder.join("decision.json");
    let template = json!({ "name": "decision", "title": "Decision", "type": "other", "sections": [
        { "heading": "What we decided", "mandatory": true },
        { "heading": "Open questions", "holds": "questions" },
    ]});
    std::fs::write(&file, template.to_string()).expect("written");
    let put = json(folder, &format!("documents template put acme core {}", file.display()));
    assert_eq!(put, json!({ "template": "decision", "sections": "2" }));
    let listed = rows(folder, "documents template list acme core");
    let own: Vec<_> = listed.iter().filter(|row| row["of"] == "the workspace").collect();
    assert_eq!((listed.len(), &own[0]["sections"]), (5, &json!("What we decided, Open questions")));
    for (change, told) in [
        (json!({ "name": "prd" }), "one of the product's own"),
        (json!({ "name": "Two words" }), "lower-case letters"),
        (json!({ "sections": [] }), "1 to 30 sections"),
        (json!({ "more": 1 }), "unknown field"),
    ] {
        let mut wrong = template.clone();
        for (name, value) in change.as_object().expect("an object") {
            wrong[name] = value.clone();
        }
        std::fs::write(&file, wrong.to_string()).expect("written");
        let refused = run(folder, &format!("documents template put acme core {}", file.display()));
        assert!(!refused.is_ok && refused.complained.contains(told), "{change}: {}", refused.complained);
    }

    // A document comes in by an archive, in both of its versions.
    let version = |version: u32, text: &str| {
        json!({
            "kind": "document", "id": "01890000-0000-7000-8000-000000000001", "version": version, "template": "decision",
            "type": "other", "title": "Which wallet", "status": "draft",
            "sections": [{ "key": "what_we_decided", "heading": "What we decided", "text": text, "made_by": "person", "version": version }],
            "sources": [{ "id": "S1", "kind": "reference", "title": "Minutes", "text": "We met.", "as_of": "2026-01-01T00:00:00Z" }],
            "provenance": { "made_by": "person", "micro_credits": 0 },
            "created": "2026-01-01T00:00:00Z", "updated": format!("2026-01-0{version}T00:00:00Z"),
        })
    };
    let archive = folder.join("archive");
    let (first, second) = (version(1, "The first."), version(2, "The second [S1]."));
    let lines = format!("{HEAD}\n{first}\n{second}\n");
    std::fs::write(&archive, lines).expect("written");
    json(folder, &format!("import acme core {}", archive.display()));
    let listed = rows(folder, "documents list acme core");
    assert_eq!(
        (listed.len(), &listed[0]["version"], &listed[0]["title"]),
        (1, &json!("2"), &json!("Which wallet"))
    );

    let out = folder.join("out.md");
    let export =
        |more: &str| format!("documents export acme core 01890000-0000-7000-8000-000000000001 {more}");
    json(folder, &export(&out.display().to_string()));
    let text = std::fs::read_to_string(&out).expect("Markdown");
    assert!(
        text.starts_with("# Which wallet\n")
            && text.contains("The second [S1].")
            && text.contains("**S1** reference: Minutes"),
        "{text}"
    );
    assert!(said(folder, &export("- --version 1")).contains("The first."));
    assert!(run(folder, &export(&out.display().to_string())).complained.contains("is there already"));
    assert!(run(folder, &export("- --version 9")).complained.contains("no document"));

    // Exported and read into another workspace it is the same, template and versions too.
    let again = folder.join("again");
    json(folder, &format!("export acme core {}", again.display()));
    json(folder, "workspace create acme copy --prefix COPY");
    json(folder, &format!("import acme copy {}", again.display()));
    let copied = folder.join("copied");
    json(folder, &format!("export acme copy {}", copied.display()));
    let body = |path: &std::path::Path| {
        let text = std::fs::read_to_string(path).expect("an archive");
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(body(&copied), body(&again));
    assert_eq!(body(&again).iter().filter(|line| line.contains(r#""kind":"document""#)).count(), 2);

    json(folder, "documents template remove acme core decision --yes");
    assert!(!run(folder, "documents template remove acme core decision --yes").is_ok);
    let tail = json(folder, "audit tail acme --count 50").to_string();
    assert!(tail.contains("admin/documents.template") && tail.contains("core/decision"), "{tail}");
}
