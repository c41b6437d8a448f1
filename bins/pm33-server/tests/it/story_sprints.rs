//! Stories packed into the coming sprints, by the tool that plans the epics.

use pm33_product::{ItemType, NewItem, Status};
use serde_json::{Value, json};

use crate::desk::{Desk, Filling, after, epic, item, team};

fn keys(of: &Value) -> Vec<&str> {
    of["stories"].as_array().expect("stories").iter().filter_map(Value::as_str).collect()
}

#[test]
fn stories_go_into_the_next_sprints_in_the_order_of_the_plan_and_the_rest_is_told() {
    let core = team("Core", Some(10.0));
    let first = NewItem { status: Status::InProgress, ..epic("First", 1.0, Some(core.id)) };
    let second = NewItem { dependencies: after(&first), ..epic("Second", 1.0, Some(core.id)) };
    let story = |title: &str, points: f64, parent: &NewItem| NewItem {
        points: Some(points),
        parent: Some(parent.id),
        ..item(ItemType::Story, title, Some(core.id))
    };
    let items = vec![
        story("Later", 8.0, &second),
        story("Now", 12.0, &first),
        story("Also now", 6.0, &first),
        story("Much", 400.0, &second),
    ];
    let desk = Desk::with(Filling { teams: vec![core], items: [vec![first, second], items].concat() });
    let asked = json!({ "start": "2026-06-01", "sprints": 2, "effort": 20 });
    let plan = desk.answer("pm33_schedule_portfolio", &asked);
    let packing = &plan["packing"];
    let sprints = packing["sprints"].as_array().expect("sprints");
    let days: Vec<_> = sprints.iter().map(|one| (one["start"].as_str(), one["end"].as_str())).collect();
    assert_eq!(
        days,
        [(Some("2026-06-01"), Some("2026-06-14")), (Some("2026-06-15"), Some("2026-06-28"))],
        "a team without sprints has two weeks"
    );
    assert_eq!(
        sprints.iter().map(keys).collect::<Vec<_>>(),
        [vec!["W0-4", "W0-5"], vec!["W0-3"]],
        "{packing}"
    );
    assert_eq!((&sprints[0]["room"], &sprints[0]["free"]), (&json!(20.0), &json!(2.0)), "{packing}");
    let left = &packing["left_over"][0];
    assert_eq!(keys(left), ["W0-6"]);
    assert!(left["why"].as_str().is_some_and(|why| why.contains("split")), "{left}");
    let words = plan["summary"].as_str().expect("words");
    assert!(words.contains("2 coming sprints take 3 of 4 stories with points"), "{words}");
    let without = desk.answer("pm33_schedule_portfolio", &json!({ "effort": 20 }));
    assert!(without.get("packing").is_none(), "only on request");
    assert!(desk.refusal("pm33_schedule_portfolio", &json!({ "sprints": 7 })).contains("sprints"));
}
