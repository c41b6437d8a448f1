//! External ids: what a record is recognised by when it is imported again.

use serde_json::Value;

use crate::{ImportOptions, row::Row};

/// Longest external id in characters.
pub(crate) const ID_MAX: usize = 500;

/// The external id of a record, from this record and the options alone. Two repositories may share a workspace, so a
/// number alone is an id only where no repository is known.
pub(crate) fn external_id(row: &mut Row, options: &ImportOptions, fingerprint: u64) -> String {
    let url = url(row);
    let place = url.as_deref().and_then(issue_place);
    let given = row.take("number");
    let number = match &given {
        Some(Value::Number(number)) => number.as_u64().filter(|number| *number > 0),
        Some(Value::String(text)) => text.trim().parse().ok().filter(|number| *number > 0),
        _ => None,
    };
    if let (Some(number), Some((_, stated))) = (number, &place)
        && number != *stated
    {
        row.warn("number", "the URL has another number; this one counts", given.as_ref());
    }
    if let Some(number) = number {
        if matches!(given, Some(Value::String(_))) {
            row.warn("number", "a text; read as the number it shows", given.as_ref());
        }
        let repository = place.map(|(repository, _)| repository).or_else(|| options.repository.clone());
        return repository.map_or_else(|| number.to_string(), |repository| format!("{repository}#{number}"));
    }
    let (told, id) = match (url, node_id(row)) {
        (Some(url), _) => ("must be a whole number from 1; the URL is the external id", url),
        (None, Some(id)) => ("must be a whole number from 1; the node id is the external id", id),
        (None, None) => {
            let told = "must be a whole number from 1, and there is no URL: the external id is a fingerprint of title, creation and body";
            (told, format!("content-{fingerprint:016x}"))
        }
    };
    match given {
        Some(given) => row.give_back("number", &given, told),
        None => row.warn("number", told, None),
    }
    id
}

/// The address of the issue; it is a custom field as well.
fn url(row: &mut Row) -> Option<String> {
    kept_id(row, "url")
}

/// GitHub's own id; it is a custom field as well.
fn node_id(row: &mut Row) -> Option<String> {
    kept_id(row, "id")
}

fn kept_id(row: &mut Row, column: &str) -> Option<String> {
    let value = row.take(column)?;
    let id = value
        .as_str()
        .map(str::trim)
        .filter(|id| (1..=ID_MAX).contains(&id.chars().count()))
        .map(str::to_owned);
    row.keep_taken(column, &value);
    id
}

/// Repository and number from an address such as `https://github.com/owner/name/issues/12`; on another host the
/// repository includes the host.
fn issue_place(url: &str) -> Option<(String, u64)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let parts: Vec<&str> = rest.split('/').collect();
    let [host, owner, name, "issues" | "pull", number, ..] = parts.as_slice() else { return None };
    if [host, owner, name].iter().any(|part| part.is_empty()) {
        return None;
    }
    let number = number.split(['#', '?']).next()?.parse().ok()?;
    let repository =
        if *host == "github.com" { format!("{owner}/{name}") } else { format!("{host}/{owner}/{name}") };
    Some((repository, number))
}

#[cfg(test)]
mod tests {
    use super::issue_place;

    #[test]
    fn addresses_name_repository_and_number() {
        for (url, expected) in [
            ("https://github.com/a/b/issues/12", Some(("a/b".to_owned(), 12))),
            ("https://github.com/a/b/pull/7#issuecomment-1", Some(("a/b".to_owned(), 7))),
            ("https://git.example.test/a/b/issues/3", Some(("git.example.test/a/b".to_owned(), 3))),
            ("https://github.com/a/b", None),
            ("https://github.com//b/issues/1", None),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(issue_place(url), expected, "{url}");
        }
    }
}
