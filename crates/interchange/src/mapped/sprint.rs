//! The sprint of a record. Without dates its name is kept as a custom field too, because a sprint needs them.

use serde_json::Value;

use super::{NAME_MAX, Reading, cells, times};
use crate::{dates, item::ImportedSprint, report::Remark, row::Row};

pub(super) fn read(row: &mut Row, by: &Reading<'_>) -> Option<ImportedSprint> {
    let fields = &by.mapping.fields;
    let start = times::date(row, &fields.sprint_start, by);
    let end = times::date(row, &fields.sprint_end, by);
    if let Some(column) = row.first_of(fields.sprint.names()).map(str::to_owned) {
        let value = row.take(&column)?;
        let cells = match value {
            Value::Array(list) => list,
            one => vec![one],
        };
        let mut sprints: Vec<ImportedSprint> = cells.iter().filter_map(one).collect();
        let names: Vec<String> = sprints.iter().map(|sprint| sprint.name.clone()).collect();
        let mut last = sprints.pop()?;
        last.start = last.start.or(start);
        last.end = last.end.or(end);
        if last.start.is_none() || last.end.is_none() {
            let kept =
                if let [name] = names.as_slice() { Value::from(name.clone()) } else { Value::from(names) };
            row.keep_taken(&column, &kept);
            row.note(Remark::SprintUndated);
        } else if names.len() > 1 {
            row.keep_beside(&column, &names);
        }
        return Some(last);
    }
    if let Some((column, number)) = cells::text(row, &fields.sprint_number) {
        if start.is_none() || end.is_none() {
            row.keep_taken(&column, &Value::from(number.clone()));
            row.note(Remark::SprintUndated);
        }
        return Some(ImportedSprint { name: format!("Cycle {number}"), start, end });
    }
    let column = row.first_of(fields.sprint_path.names()).map(str::to_owned);
    let path = column.as_deref().and_then(|column| cells::word(row.peek(column)?));
    let name = cells::last_part(row, &fields.sprint_path, NAME_MAX)?;
    if let Some(column) = column {
        // A path of several parts is kept as a whole already.
        if path.as_ref() == Some(&name) {
            row.keep_taken(&column, &Value::from(name.clone()));
        }
        if start.is_none() || end.is_none() {
            row.note(Remark::SprintUndated);
        }
    }
    Some(ImportedSprint { name, start, end })
}

/// A sprint by its name, as an object, or as classic Jira writes it: `…Sprint@1f[id=1,state=CLOSED,name=One,…]`.
fn one(value: &Value) -> Option<ImportedSprint> {
    let fits = |name: &str| (1..=NAME_MAX).contains(&name.chars().count());
    let day = |text: &str| dates::parse(text)?.date(None);
    if let Value::Object(map) = value {
        let text = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or_default();
        let name = text("name").trim().to_owned();
        return fits(&name).then(|| ImportedSprint {
            name,
            start: day(text("startDate")),
            end: day(text("endDate")),
        });
    }
    let text = cells::word(value)?;
    let Some((_, inner)) =
        text.strip_suffix(']').and_then(|text| text.split_once("Sprint@")?.1.split_once('['))
    else {
        return fits(&text).then_some(ImportedSprint { name: text, start: None, end: None });
    };
    let part = |name: &str| {
        let from = inner.find(&format!("{name}=")).filter(|at| *at == 0 || inner[..*at].ends_with(','))?;
        let rest = &inner[from + name.len() + 1..];
        let end = rest.match_indices(',').map(|(at, _)| at).find(|at| {
            rest[at + 1..]
                .split_once('=')
                .is_some_and(|(key, _)| key.bytes().all(|byte| byte.is_ascii_alphabetic()))
        });
        Some(rest[..end.unwrap_or(rest.len())].trim())
    };
    let name = part("name")?.to_owned();
    let day_of = |name: &str| part(name).and_then(day);
    fits(&name).then(|| ImportedSprint { name, start: day_of("startDate"), end: day_of("endDate") })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::one;

    #[test]
    fn sprints_are_read_in_three_shapes() {
        let read =
            |value| one(&value).map(|sprint| (sprint.name, sprint.start.is_some(), sprint.end.is_some()));
        assert_eq!(read(json!("Sprint 7")), Some(("Sprint 7".into(), false, false)));
        let classic = "com.atlassian.greenhopper.service.sprint.Sprint@1f[id=1,rapidViewId=2,state=CLOSED,name=One, two,\
            startDate=2024-03-01T09:00:00.000Z,endDate=<null>]";
        assert_eq!(read(json!(classic)), Some(("One, two".into(), true, false)));
        let object = json!({ "id": 1, "name": "S", "startDate": "2024-03-01T09:00:00.000Z", "endDate": "2024-03-14T09:00:00.000Z" });
        assert_eq!(read(object), Some(("S".into(), true, true)));
        assert_eq!(read(json!("")), None);
    }
}
