//! A forecast of what waits for other work, asked of a served workspace: the work is in its dates, and what cannot be is named.

use pm33_product::{ItemId, ItemType, NewItem, TeamId};
use serde_json::{Value, json};

use crate::desk::{Desk, Filling, after, epic, item, team, year};

fn below(parent: ItemId, title: &str, team: Option<TeamId>) -> NewItem {
    NewItem { parent: Some(parent), ..item(ItemType::Story, title, team) }
}

/// The date at 85 %.
fn date(forecast: &Value) -> jiff::civil::Date {
    let levels = forecast["forecast"]["percentiles"].as_array().expect("levels");
    let found = levels.iter().find(|one| one["level"] == 0.85).expect("a level");
    found["date"].as_str().expect("a date").parse().expect("a date")
}

#[test]
fn an_epic_is_finished_after_what_it_waits_for_and_the_answer_tells_by_how_much() {
    let (core, web, idle) = (team("Core", Some(10.0)), team("Web", Some(10.0)), team("Idle", None));
    let mut items = [year(core.id), year(web.id)].concat();
    // W0-361: an epic of Web with 30 stories; W0-392: one of Core with 2, which waits for it.
    let first = epic("Sign-on", 20.0, Some(web.id));
    let waits = NewItem { dependencies: after(&first), ..epic("Checkout", 5.0, Some(core.id)) };
    let (first_id, waits_id) = (first.id, waits.id);
    items.push(first);
    items.extend((0..30).map(|number| below(first_id, &format!("Provider {number}"), Some(web.id))));
    items.push(waits);
    items.extend((0..2).map(|number| below(waits_id, &format!("Page {number}"), Some(core.id))));
    // W0-395: an epic that nobody has broken down; W0-396: a story of a team without a past.
    let hollow = epic("Hollow", 5.0, Some(core.id));
    let strange = item(ItemType::Story, "Theirs", Some(idle.id));
    let last = NewItem {
        dependencies: [after(&hollow), after(&strange)].concat(),
        ..item(ItemType::Story, "Last", Some(core.id))
    };
    items.extend([hollow, strange, last]);
    let desk = Desk::with(Filling { teams: vec![core, web, idle], items });

    let told = desk.answer("pm33_forecast_delivery", &json!({ "epic": "W0-392" }));
    let alone = desk.answer("pm33_forecast_delivery", &json!({ "ids": ["W0-397"] }));
    let them = desk.answer("pm33_forecast_delivery", &json!({ "epic": "W0-361" }));
    assert!(date(&told) > date(&them), "{told}");
    let waiting = &told["forecast"]["waiting"];
    assert_eq!((&waiting["items"], &waiting["parts"]["Web"]), (&json!(30), &json!(30)), "{told}");
    assert_eq!(told["waits_for"], json!(["W0-361"]));
    let at_85 = waiting["without"].as_array().expect("levels")[2].clone();
    let days = at_85["days"].as_i64().expect("days");
    assert!(days > 30, "{told}");
    let without: jiff::civil::Date = at_85["date"].as_str().expect("a date").parse().expect("a date");
    assert_eq!(i64::from(date(&told).since(without).expect("days").get_days()), days);
    let words = told["summary"].as_str().expect("words");
    assert!(words.contains(&format!("W0-361 must be finished first (30 open items in these dates), which makes the 85 % date {days} days later")), "{words}");

    // What nobody's past or list of items tells is named, and takes no time.
    let left = alone["left_out"].as_array().expect("a list");
    let keys: Vec<_> = left.iter().map(|one| &one["keys"][0]).collect();
    assert_eq!(keys, ["W0-396", "W0-395"], "{alone}");
    assert!(left.iter().all(|one| one["why"].as_str().is_some_and(|why| why.contains("not in the dates"))));
    assert!(alone["forecast"].get("waiting").is_none(), "{alone}");

    // When the blocker is gone, so is the wait; the kept forecast says that it was scope.
    let kept = json!({ "name": "Promised", "forecast": { "epic": "W0-392" } });
    desk.answer("pm33_save_forecast", &kept);
    let unlink = json!({ "item": "W0-392", "link": "depends_on", "to": "W0-361", "action": "remove" });
    desk.answer("pm33_link_items", &unlink);
    let free = desk.answer("pm33_forecast_delivery", &json!({ "epic": "W0-392" }));
    assert_eq!((date(&free), &free["waits_for"]), (without, &json!([])));
    assert_eq!(free["forecast"]["seed"], told["forecast"]["seed"]);
    let compared = desk.answer("pm33_compare_forecasts", &json!({ "earlier": "Promised" }));
    let at_85 = &compared["differences"][2];
    assert_eq!((at_85["scope"].as_i64(), at_85["total"].as_i64()), (Some(-days), Some(-days)), "{compared}");
}
