//! Finds, in the store's sources, every condition on a tenant that is written by hand.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use crate::shell;

/// Where the store's sources lie.
pub(super) const SOURCES: &str = "crates/store/src";
/// The column that says whose a row is.
const COLUMN: &str = "tenant_id";

/// A condition on a tenant.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// The file, from the sources' folder on.
    pub(super) file: String,
    /// The function or the constant that holds it.
    pub(super) item: String,
    /// Which of its item's.
    pub(super) number: usize,
    /// Where in the file.
    pub(super) at: Range<usize>,
    /// What is written there.
    pub(super) text: String,
    pub(super) form: Form,
}

/// How a condition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A comparison that can be taken out.
    Comparison,
    /// Something else: a row of columns that is compared, a builder's, an operand that is not known.
    Other,
}

impl Condition {
    /// Whether it is in a function of the database's.
    pub(super) fn is_in_function(&self) -> bool {
        is_sql(&self.file)
    }

    /// What it is called in a report.
    pub(super) fn name(&self) -> String {
        format!("{} {} {}: {}", self.file, self.item, self.number, self.text)
    }
}

/// All of them, in order of files and places.
pub(super) fn find() -> anyhow::Result<Vec<Condition>> {
    let (mut files, sources) = (Vec::new(), shell::root()?.join(SOURCES));
    walk(&sources, &mut files)?;
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let name = path.strip_prefix(&sources)?.display().to_string();
        all.extend(of_file(&name, &text));
    }
    if all.is_empty() {
        bail!("no conditions in {SOURCES}");
    }
    Ok(all)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|end| end == "rs" || end == "sql") {
            files.push(path);
        }
    }
    Ok(())
}

fn is_sql(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|end| end == "sql")
}

/// Those of one file.
fn of_file(file: &str, text: &str) -> Vec<Condition> {
    let mut found: Vec<Condition> = Vec::new();
    for (at, form) in places(text) {
        // An operand of the one before.
        if found.last().is_some_and(|last| last.at.end > at.start) {
            continue;
        }
        let item = item(file, text, at.start);
        let number = 1 + found.iter().filter(|one| one.item == item).count();
        let text = text[at.clone()].to_owned();
        found.push(Condition { file: file.to_owned(), item, number, at, text, form });
    }
    found
}

fn places(text: &str) -> Vec<(Range<usize>, Form)> {
    let columns = text.match_indices(COLUMN).filter_map(|(at, _)| {
        let (start, end) = (qualified(text, at), at + COLUMN.len());
        if is_comment(text, at) || is_word(text[end..].chars().next()) {
            return None;
        }
        let rest = &text[end..];
        let compared = match comparison(rest) {
            Compared::With(length) => Some((start..end + length, Form::Comparison)),
            Compared::Otherwise => Some((start..end, Form::Other)),
            Compared::Not => None,
        };
        let is_operand = || {
            let before = text[..start].trim_end();
            before.ends_with(['=', '<', '>']) && !before.ends_with("=>")
        };
        compared.or_else(|| (is_in_row(rest) || is_operand()).then_some((start..end, Form::Other)))
    });
    // A builder's: they begin in `scope.rs`.
    let built = ["TenantId.", "tenant().", "tenant_id."].into_iter().flat_map(|words| {
        let tests = ["eq(", "ne(", "is_in(", "is_not_in(", "in_subquery("];
        text.match_indices(words).filter_map(move |(at, _)| {
            let is_test = tests.iter().any(|test| text[at + words.len()..].starts_with(test));
            (is_test && !is_comment(text, at)).then_some((at..at + words.len(), Form::Other))
        })
    });
    let mut all: Vec<_> = columns.chain(built).collect();
    all.sort_by_key(|(at, _)| at.start);
    all
}

fn is_word(letter: Option<char>) -> bool {
    letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
}

fn is_comment(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default().trim_start();
    line.starts_with("//") || line.starts_with("--")
}

/// Where a column begins, its table's name before it.
fn qualified(text: &str, at: usize) -> usize {
    let Some(before) = text[..at].strip_suffix('.') else { return at };
    before.trim_end_matches(|letter| is_word(Some(letter))).len()
}

/// Whether a column is compared.
enum Compared {
    Not,
    /// With something known, which ends so many bytes after the column.
    With(usize),
    /// With something else.
    Otherwise,
}

/// What follows a column.
fn comparison(rest: &str) -> Compared {
    let word = rest.trim_start();
    let with = |end: Option<usize>| {
        end.map_or(Compared::Otherwise, |end| Compared::With(rest.len() - word.len() + end))
    };
    if let Some(list) = word.strip_prefix("IN (") {
        let end = list.find(')').filter(|end| !list[..*end].contains(['(', ' ']));
        return with(end.map(|end| "IN (".len() + end + 1));
    }
    if word.starts_with('=') && !word.starts_with("==") && !word.starts_with("=>") {
        let shown = word[1..].trim_start();
        return with(operand(shown).map(|length| word.len() - shown.len() + length));
    }
    let other = ["==", "<", ">", "!=", "IN", "IS ", "NOT IN", "BETWEEN ", "LIKE ", "||"];
    if other.iter().any(|sign| word.starts_with(sign)) { Compared::Otherwise } else { Compared::Not }
}

/// A value's place, a variable, or another row's column; its length.
fn operand(text: &str) -> Option<usize> {
    let is_in = |letter: char| is_word(Some(letter)) || letter == '.';
    let length = match text.chars().next()? {
        '$' => 1 + text[1..].find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len() - 1),
        '?' => 1 + text[1..].find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len() - 1),
        letter if is_word(Some(letter)) => text.find(|letter| !is_in(letter)).unwrap_or(text.len()),
        _ => return None,
    };
    // A call's value is not a tenant that was handed over.
    (length > 0 && text != "$" && !text[length..].starts_with('(')).then_some(length)
}

/// Whether a column stands in a row of columns that is compared as a whole.
fn is_in_row(rest: &str) -> bool {
    let Some(end) = rest.find([')', '(', '"']).filter(|end| rest[*end..].starts_with(')')) else {
        return false;
    };
    let after = rest[end + 1..].trim_start();
    ["=", "<", ">", "!=", "IN ", "NOT IN "].iter().any(|sign| after.starts_with(sign))
        && !after.starts_with("=>")
}

/// The function or the constant around a place; the whole file of a function of the database's.
fn item(file: &str, text: &str, at: usize) -> String {
    let name = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let kind = words.iter().position(|word| ["fn", "const", "static"].contains(word))?;
        let is_head = words[..kind].iter().all(|word| word.starts_with("pub") || *word == "async");
        let name = words.get(kind + 1).filter(|_| is_head)?;
        let end = name.find(|letter| !is_word(Some(letter))).unwrap_or(name.len());
        (end > 0).then(|| name[..end].to_owned())
    };
    let above = text[..at].rsplit('\n').find_map(name);
    // The line itself may begin the item.
    let own = text[..at].rsplit('\n').next().and_then(name);
    own.or(above).filter(|_| !is_sql(file)).unwrap_or_else(|| "function".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, Form)> {
        of_file("a.rs", text).into_iter().map(|one| (one.text, one.form)).collect()
    }

    #[test]
    fn comparisons_are_found_however_their_operand_is_written() {
        for text in [
            "tenant_id = $1",
            "tenant_id = ?",
            "tenant_id = ?1",
            "b.tenant_id = $12",
            "w.tenant_id = who",
            "a.tenant_id = NEW.tenant_id",
            "tenant_id IN ({places})",
        ] {
            let sql = format!("fn f() {{ \"SELECT 1 FROM t WHERE {text} AND x = 1\" }}");
            assert_eq!(found(&sql), [(text.to_owned(), Form::Comparison)]);
        }
    }

    #[test]
    fn what_cannot_be_taken_out_is_found_too() {
        for text in [
            "WHERE tenant_id = nullif($1, '')",
            "WHERE $1 = tenant_id AND",
            "WHERE tenant_id <> $1",
            "WHERE tenant_id IN (SELECT tenant_id FROM t)",
            "WHERE (tenant_id, item_id) > (?, ?)",
            ".filter(Column::TenantId.eq(tenant))",
            ".filter(E::tenant().is_in(all))",
        ] {
            let all = found(text);
            assert!(all.iter().any(|(_, form)| *form == Form::Other), "{text}: {all:?}");
        }
    }

    #[test]
    fn what_tests_nothing_is_not_a_condition() {
        for text in [
            "INSERT INTO t (tenant_id, a) VALUES ($1, $2) ON CONFLICT (tenant_id) DO NOTHING",
            "SELECT tenant_id FROM t ORDER BY tenant_id FOR UPDATE",
            "PRIMARY KEY (tenant_id, a), FOREIGN KEY (tenant_id, b) REFERENCES t (tenant_id, b)",
            "tenant_id: Set(tenant.uuid()), TenantId::from_uuid(row.tenant_id)",
            "// tenant_id = $1",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn a_condition_is_named_by_its_item() {
        let text = "const A: &str = \"tenant_id = $1 OR tenant_id = $2\";\npub(crate) async fn b() {\n  \"tenant_id = ?\"\n}\n";
        let names: Vec<_> = of_file("a.rs", text).iter().map(Condition::name).collect();
        assert_eq!(
            names,
            ["a.rs A 1: tenant_id = $1", "a.rs A 2: tenant_id = $2", "a.rs b 1: tenant_id = ?"]
        );
    }
}
