//! Mutations that are named: of the builders that start every query, and of what keeps tenants apart in other ways than by a
//! comparison with their column.

use std::path::Path;

use anyhow::ensure;

use super::{
    changed::Changed,
    is_hidden,
    program::{self, Tests},
};

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
    /// SQLite's alone.
    NoPostgres,
    /// Shows on PostgreSQL too.
    Nothing,
}

const SCOPE: &str = "crates/store/src/scope.rs";

const MUTATIONS: [Mutation; 7] = [
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
            "twin_erasure::a_member_is_copied_and_erased_in_one_tenant::postgres",
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
    Mutation {
        name: "the tenant in the scope of indexed words",
        file: "crates/store/src/search.rs",
        from: "format!(\"w{}{}\", tenant.simple(), workspace.simple())",
        to: "{ let _ = tenant; format!(\"w{}\", workspace.simple()) }",
        behind: Behind::NoPostgres,
        operators: &[],
    },
    Mutation {
        name: "the tenant in an item's number in the index",
        file: "crates/store/src/search.rs",
        from: "for id in [tenant, workspace, item] {",
        to: "let _ = tenant;\n    for id in [workspace, item] {",
        behind: Behind::NoPostgres,
        operators: &[],
    },
];

/// Takes out each whose name holds a text; the names of those that are not as they must be.
pub(super) fn run(only: &str, server: &str) -> anyhow::Result<Vec<String>> {
    let mut wrong = Vec::new();
    for mutation in MUTATIONS.iter().filter(|one| one.name.contains(only)) {
        println!("without {}", mutation.name);
        let changed = Changed::of(Path::new(mutation.file), |text| {
            let places = text.matches(mutation.from).count();
            ensure!(places == 1, "{} has the condition {places} times: {}", mutation.file, mutation.name);
            *text = text.replace(mutation.from, mutation.to);
            Ok(())
        })?;
        let path = program::build()?;
        drop(changed);
        let missing = || program::missing(&path, server);
        let on_postgres = |tests| program::failing(&path, "postgres", server, tests);
        let is_right = match mutation.behind {
            Behind::RowLevelSecurity => is_hidden(missing()?, on_postgres, mutation.operators)?,
            Behind::NoPostgres => missing()?.is_some(),
            // The one is for both engines, the other for PostgreSQL alone.
            Behind::Nothing => !on_postgres(Tests::All)?.is_empty(),
        };
        if !is_right {
            println!("  NOT AS IT MUST BE");
            wrong.push(mutation.name.to_owned());
        }
    }
    Ok(wrong)
}
