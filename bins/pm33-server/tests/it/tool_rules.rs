//! Rules that every tool in the registry keeps: its name, its words, its schemas, its example and what it promises of
//! itself on the wire.

use pm33_auth::Scope;
use pm33_tools::{Cost, Effect};
use serde_json::{Value, json};

use crate::{
    registry::{example, input, offered, properties},
    running::Running,
};

fn is_name(name: &str) -> bool {
    let rest = name.strip_prefix("pm33_").unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    rest.starts_with(|first: char| first.is_ascii_lowercase())
        && rest.chars().all(plain)
        && !rest.ends_with('_')
        && name.len() <= 64
}

/// Every description in a schema, at any depth.
fn descriptions(schema: &Value) -> Vec<&str> {
    match schema {
        Value::Object(fields) => {
            let own = fields.get("description").and_then(Value::as_str);
            own.into_iter().chain(fields.values().flat_map(descriptions)).collect()
        }
        Value::Array(entries) => entries.iter().flat_map(descriptions).collect(),
        _ => Vec::new(),
    }
}

fn is_one_line(words: &str) -> bool {
    words.trim() == words && !words.contains(['\n', '\t']) && !words.contains("  ")
}

#[test]
fn what_a_model_reads_has_no_marks_of_the_code_that_it_stands_in() {
    for tool in offered().tools() {
        let output: Value =
            serde_json::from_str(tool.output_schema.as_ref().expect("one").get()).expect("a schema");
        let input = input(tool);
        let words =
            descriptions(&input).into_iter().chain(descriptions(&output)).chain([tool.spec.description]);
        for words in words {
            assert!(is_one_line(words), "{}: {words:?}", tool.spec.name);
        }
    }
    for prompt in offered().prompts() {
        assert!(is_one_line(prompt.spec().description), "{}", prompt.spec().name);
    }
}

#[test]
fn names_titles_and_descriptions_serve_a_model_that_has_never_seen_the_product() {
    for tool in offered().tools() {
        let spec = &tool.spec;
        assert!(is_name(spec.name), "{}", spec.name);
        assert!((3..=60).contains(&spec.title.chars().count()), "{}: title", spec.name);
        assert!((100..=1_024).contains(&spec.description.chars().count()), "{}: description", spec.name);
        assert!(spec.description.ends_with('.'), "{}: a description is sentences", spec.name);
        for (field, schema) in properties(&input(tool)) {
            let words = schema["description"].as_str().unwrap_or_default();
            assert!((5..=400).contains(&words.chars().count()), "{}.{field}: {words:?}", spec.name);
        }
    }
    for prompt in offered().prompts() {
        assert!((20..=1_024).contains(&prompt.spec().description.chars().count()), "{}", prompt.spec().name);
    }
}

#[test]
fn schemas_are_closed_objects_and_examples_fit_them() {
    for tool in offered().tools() {
        let (name, schema) = (tool.spec.name, input(tool));
        assert_eq!(schema["type"], "object", "{name}");
        assert_eq!(schema["additionalProperties"], false, "{name} refuses unknown fields");
        let example = Value::Object(example(tool));
        let complaints: Vec<_> = tool.validator().iter_errors(&example).map(|one| one.to_string()).collect();
        assert!(complaints.is_empty(), "{name}: {complaints:?}");
        let output: Value =
            serde_json::from_str(tool.output_schema.as_ref().expect(name).get()).expect("a schema");
        assert_eq!(output["type"], "object", "{name}");
        jsonschema::draft202012::meta::validate(&schema).expect("a valid input schema");
        jsonschema::draft202012::meta::validate(&output).expect("a valid output schema");
    }
}

#[test]
fn scopes_and_safety_arguments_follow_the_effect() {
    for tool in offered().tools() {
        let spec = &tool.spec;
        let scopes: Vec<Scope> =
            Scope::ALL.iter().copied().filter(|scope| spec.scope_set().has(*scope)).collect();
        assert!(scopes.len() >= 2, "{} needs a scope besides the base one", spec.name);
        let writes = scopes.iter().any(|scope| scope.is_write() && *scope != Scope::AiGenerate);
        let reads = spec.effect.is_read();
        assert_eq!(writes, !reads, "{}: {:?} with {scopes:?}", spec.name, spec.effect);
        let schema = input(tool);
        // A read that is paid for is not to be paid for twice either.
        let is_paid = spec.cost == Cost::Credits;
        for (argument, expected) in [("idempotency_key", !reads || is_paid), ("dry_run", !reads)] {
            assert_eq!(properties(&schema).contains_key(argument), expected, "{}: {argument}", spec.name);
        }
        if !reads {
            assert_eq!(
                example(tool).get("dry_run"),
                Some(&json!(true)),
                "{}: the example is safe",
                spec.name
            );
        }
    }
}

#[test]
fn the_wire_says_what_the_registry_says_and_examples_keep_their_promise() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let listed = server.call("tools/list", json!({})).json()["result"]["tools"].clone();
    let all = offered();
    assert_eq!(listed.as_array().map(Vec::len), Some(all.tools().len()));
    for tool in all.tools() {
        let spec = &tool.spec;
        let entry = listed.as_array().and_then(|all| all.iter().find(|one| one["name"] == spec.name));
        let entry = entry.expect(spec.name);
        let snapshot: Value = serde_json::from_str(&snapshot(spec.name)).expect("a snapshot");
        let read = snapshot.get("every revision").unwrap_or(&snapshot["2026-07-28"]);
        assert_eq!(entry, read, "{}: run `cargo xtask codegen`", spec.name);
        let annotations = &entry["annotations"];
        assert_eq!(annotations["readOnlyHint"], spec.effect == Effect::Read, "{}", spec.name);
        assert_eq!(annotations["destructiveHint"], spec.effect == Effect::Destroy, "{}", spec.name);
        let repeats = spec.effect != Effect::Create;
        assert_eq!(annotations["idempotentHint"], repeats, "{}", spec.name);
        let result = server.tool(spec.name, Value::Object(example(tool)));
        assert_ne!(result["isError"], true, "{}: {result}", spec.name);
        let validator = jsonschema::draft202012::new(&entry["outputSchema"]).expect("a schema");
        let complaints: Vec<_> =
            validator.iter_errors(&result["structuredContent"]).map(|one| one.to_string()).collect();
        assert!(complaints.is_empty(), "{}: {complaints:?}", spec.name);
    }
}

/// A tool's entries in the lists of the eras (one where they are alike), as they were last read by a person.
fn snapshot(tool: &str) -> String {
    let path = format!("{}/../../docs/schemas/{tool}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
