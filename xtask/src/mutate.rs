//! The mutation check of tenants' separation: takes one condition out of the code at a time. On the embedded database the
//! tests must fail; on PostgreSQL the same tests must pass, because row-level security stands behind the condition.

mod changed;
mod conditions;
mod known;
mod named;
mod program;

use anyhow::{Context, bail, ensure};

use self::{
    conditions::{Condition, Form},
    known::{KNOWN, Shows},
    program::{Program, Tests, failing},
};
use crate::{postgres::Postgres, shell};

/// Takes out each condition whose name holds a text: those that are found in the sources, then those that are named.
pub(crate) fn run(only: &str) -> anyhow::Result<()> {
    changed::none_is_left()?;
    let found = to_try(conditions::find()?)?;
    let started = match shell::variable("PM33_TEST_POSTGRES_URL") {
        Some(_) => None,
        None => Some(Postgres::start()?),
    };
    let given = shell::variable("PM33_TEST_POSTGRES_URL");
    let server =
        started.as_ref().map(|server| server.url.clone()).or(given).context("a PostgreSQL server")?;
    let mut wrong = Vec::new();
    let chosen = |group: &[Tried]| group.iter().any(|one| one.condition.name().contains(only));
    if found.iter().any(|group| chosen(group)) {
        wrong.extend(found_ones(&found, chosen, &server)?);
    }
    wrong.extend(named::run(only, &server)?);
    if !wrong.is_empty() {
        bail!("not as it must be without: {}", wrong.join("; "));
    }
    println!("every condition is missed by the tests, and tenants stay apart on PostgreSQL without it");
    Ok(())
}

/// A condition, and how it must show.
struct Tried {
    condition: Condition,
    shows: Shows,
}

/// The conditions in groups that are taken out together: each alone, but a database's own functions file by file. Those that
/// are not tried are told with the reason.
fn to_try(found: Vec<Condition>) -> anyhow::Result<Vec<Vec<Tried>>> {
    for known in KNOWN {
        let of_it: Vec<_> = found.iter().filter(|one| known.is_of(one)).collect();
        let Some(first) = of_it.first() else {
            bail!("mutate/known.rs is about a condition that is not there: {}", known.because);
        };
        if known.shows == Shows::Nowhere {
            println!("not tried: {} of {} {} ({})", of_it.len(), first.file, first.item, known.because);
        }
    }
    let mut groups: Vec<Vec<Tried>> = Vec::new();
    for condition in found {
        let known = KNOWN.iter().find(|known| known.is_of(&condition));
        let shows = known.map_or(Shows::Everywhere, |known| known.shows);
        if shows == Shows::Nowhere {
            continue;
        }
        ensure!(
            condition.form == Form::Comparison,
            "{} cannot be taken out as it is written; begin the query in scope.rs, or compare the column with a value",
            condition.name()
        );
        let is_function = |group: &&mut Vec<Tried>| {
            condition.is_in_function() && group.iter().any(|one| one.condition.file == condition.file)
        };
        match groups.iter_mut().find(is_function) {
            Some(group) => group.push(Tried { condition, shows }),
            None => groups.push(vec![Tried { condition, shows }]),
        }
    }
    Ok(groups)
}

/// Tries those that were found; the names of those that are not as they must be.
fn found_ones(
    groups: &[Vec<Tried>],
    chosen: impl Fn(&[Tried]) -> bool,
    server: &str,
) -> anyhow::Result<Vec<String>> {
    let conditions: Vec<Vec<_>> =
        groups.iter().map(|group| group.iter().map(|one| one.condition.clone()).collect()).collect();
    let program = Program::build(&conditions)?;
    println!("with every condition");
    for engine in ["sqlite", "postgres"] {
        ensure!(
            failing(program.path(), engine, server, Tests::All)?.is_empty(),
            "tests fail on {engine} as the code is"
        );
    }
    let mut wrong = Vec::new();
    for (number, group) in groups.iter().enumerate().filter(|(_, group)| chosen(group)) {
        let Some(first) = group.first() else { continue };
        let name = match group.len() {
            1 => first.condition.name(),
            more => format!("{}: all {more}", first.condition.file),
        };
        println!("without {name}");
        let without = program.without(number)?;
        let missing = || program::missing(&without.path, server);
        let on_postgres = |tests| failing(&without.path, "postgres", server, tests);
        let is_right = match first.shows {
            Shows::Everywhere => is_hidden(missing()?, on_postgres, &[])?,
            Shows::ToOperators(seen) => is_hidden(missing()?, on_postgres, seen)?,
            Shows::OnSqlite => missing()?.is_some(),
            Shows::OnPostgres => on_postgres(Tests::All)?.is_empty(),
            Shows::Nowhere => true,
        };
        if !is_right {
            println!("  NOT AS IT MUST BE");
            wrong.push(name);
        }
    }
    Ok(wrong)
}

/// Whether tests miss what was taken out, and the same ones on PostgreSQL do not, but for some.
fn is_hidden(
    missing: Option<Tests>,
    on_postgres: impl Fn(Tests) -> anyhow::Result<Vec<String>>,
    seen: &[&str],
) -> anyhow::Result<bool> {
    let Some(tests) = missing else { return Ok(false) };
    Ok(on_postgres(tests)?.iter().all(|name| seen.contains(&&**name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_condition_of_the_sources_can_be_tried_or_is_known() -> anyhow::Result<()> {
        to_try(conditions::find()?).map(drop)
    }
}
