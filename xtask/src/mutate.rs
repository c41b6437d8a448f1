//! The mutation check of tenants' separation: takes one condition out of the code at a time. On the embedded database the
//! tests must fail; on PostgreSQL the same tests must pass, because row-level security stands behind the condition.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::{postgres::Postgres, shell};

/// A condition, and the code without it.
struct Mutation {
    name: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// Whether row-level security is about it: it knows tenants, and nothing of workspaces.
    behind: Behind,
    /// Tests on PostgreSQL that notice all the same: operators work as the owner, for whom no tenant's rows are hidden.
    operators: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    RowLevelSecurity,
    Nothing,
}

const SCOPE: &str = "crates/store/src/scope.rs";

const MUTATIONS: [Mutation; 5] = [
    Mutation {
        name: "the tenant of each query",
        file: SCOPE,
        from: "E::find().filter(E::tenant().eq(tenant.uuid()))",
        to: "{ let _ = tenant; E::find() }",
        behind: Behind::RowLevelSecurity,
        operators: &[],
    },
    Mutation {
        name: "the tenant of each change",
        file: SCOPE,
        from: "E::update_many().filter(E::tenant().eq(tenant.uuid()))",
        to: "{ let _ = tenant; E::update_many() }",
        behind: Behind::RowLevelSecurity,
        operators: &[
            "administration::tenants_are_the_operators_business::postgres",
            "erasure::an_organisation_goes_and_its_neighbour_stays_as_it_was::postgres",
        ],
    },
    Mutation {
        name: "the tenant of each removal",
        file: SCOPE,
        from: "E::delete_many().filter(E::tenant().eq(tenant.uuid()))",
        to: "{ let _ = tenant; E::delete_many() }",
        behind: Behind::RowLevelSecurity,
        operators: &[],
    },
    Mutation {
        name: "the workspace of each query",
        file: SCOPE,
        from: "of_tenant::<E>(at.tenant()).filter(E::workspace().eq(at.workspace().uuid()))\n}\n\n/// A change of rows of a tenant.",
        to: "of_tenant::<E>(at.tenant())\n}\n\n/// A change of rows of a tenant.",
        behind: Behind::Nothing,
        operators: &[],
    },
    Mutation {
        name: "the tenant that the database is told of",
        file: "crates/store/src/engine.rs",
        from: "[tenant.to_string().into()]",
        to: "{ let _ = tenant; [String::new().into()] }",
        behind: Behind::Nothing,
        operators: &[],
    },
];

/// A changed file; it is as it was when the value goes.
struct Changed {
    file: PathBuf,
    before: String,
}

impl Changed {
    fn of(mutation: &Mutation) -> anyhow::Result<Self> {
        let file = Path::new(mutation.file).to_owned();
        let before = std::fs::read_to_string(&file).with_context(|| mutation.file.to_owned())?;
        let places = before.matches(mutation.from).count();
        ensure!(places == 1, "{} has the condition {places} times: {}", mutation.file, mutation.name);
        std::fs::write(&file, before.replace(mutation.from, mutation.to))?;
        Ok(Self { file, before })
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        if let Err(error) = std::fs::write(&self.file, &self.before) {
            eprintln!("{} stays changed, put it back with git: {error}", self.file.display());
        }
    }
}

/// Runs the store's contract on one engine; the tests that failed.
fn failing(engine: &str, server: &str) -> anyhow::Result<Vec<String>> {
    let mut command = shell::cargo();
    command.args(["test", "--locked", "-p", "pm33-store", "--test", "it", "--no-fail-fast"]);
    command.args(["--", &format!("::{engine}")]).env("PM33_TEST_POSTGRES_URL", server);
    let output = command.output().context("starting cargo")?;
    let told = String::from_utf8_lossy(&output.stdout);
    // What does not build tells nothing.
    ensure!(told.contains("test result"), "{}", String::from_utf8_lossy(&output.stderr));
    let named = told.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    let failed: Vec<String> = named.map(str::to_owned).collect();
    ensure!(output.status.success() == failed.is_empty(), "failed tests without a name:\n{told}");
    println!("  {engine}: {} tests fail", failed.len());
    Ok(failed)
}

/// Takes out each condition whose name holds a text.
pub(crate) fn run(only: &str) -> anyhow::Result<()> {
    let started = match shell::variable("PM33_TEST_POSTGRES_URL") {
        Some(_) => None,
        None => Some(Postgres::start()?),
    };
    let given = shell::variable("PM33_TEST_POSTGRES_URL");
    let server =
        started.as_ref().map(|server| server.url.clone()).or(given).context("a PostgreSQL server")?;
    let mut unseen = Vec::new();
    for mutation in MUTATIONS.iter().filter(|one| one.name.contains(only)) {
        println!("without {}", mutation.name);
        let changed = Changed::of(mutation)?;
        let is_right = match mutation.behind {
            Behind::RowLevelSecurity => {
                !failing("sqlite", &server)?.is_empty()
                    && failing("postgres", &server)?.iter().all(|name| mutation.operators.contains(&&**name))
            }
            // The one is for both engines, the other for PostgreSQL alone.
            Behind::Nothing => !failing("postgres", &server)?.is_empty(),
        };
        drop(changed);
        if !is_right {
            unseen.push(mutation.name);
        }
    }
    if !unseen.is_empty() {
        bail!("not as it must be without: {}", unseen.join("; "));
    }
    println!("every condition is missed by the tests, and tenants stay apart on PostgreSQL without it");
    Ok(())
}
