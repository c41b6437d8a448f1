//! Connections to a PostgreSQL server.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database as Orm, DatabaseConnection,
    sqlx::{
        ConnectOptions as _, Connection as _,
        postgres::{PgConnectOptions, PgConnection},
    },
};
use secrecy::{ExposeSecret, SecretString};

use crate::StoreError;

fn unusable(why: &str) -> StoreError {
    StoreError::Unusable { why: why.to_owned() }
}

/// Opens a pool.
pub(crate) async fn open(url: &SecretString, connections: u32) -> Result<DatabaseConnection, StoreError> {
    let chosen: PgConnectOptions =
        url.expose_secret().parse().map_err(|_| unusable("the configured URL is not a PostgreSQL URL"))?;
    let chosen = chosen.disable_statement_logging();
    // The options are written into the traces of the connection: the URL with its password stays out of them.
    let mut options = ConnectOptions::new("postgres://database");
    options
        .max_connections(connections.max(1))
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire_if_idle_for(Duration::from_secs(5))
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_postgres_opts(move |_| chosen.clone());
    // The cause could name the URL with its password: only its sort is told.
    Orm::connect(options).await.map_err(|_| {
        unusable("PostgreSQL does not answer under the configured URL; check the URL, the password and that it runs")
    })
}

/// A connection of its own that only asks whether the server answers.
pub(crate) struct Probe {
    url: SecretString,
    held: Option<PgConnection>,
}

impl Probe {
    /// Connects when it is first asked.
    pub(crate) fn new(url: SecretString) -> Self {
        Self { url, held: None }
    }

    /// Whether the server answers, on the connection that there is or on a new one.
    pub(crate) async fn ask(&mut self) -> bool {
        if let Some(held) = &mut self.held {
            if held.ping().await.is_ok() {
                return true;
            }
            // A connection may end alone: the server's administrator, a proxy in between.
            self.held = None;
        }
        let Ok(chosen) = self.url.expose_secret().parse::<PgConnectOptions>() else { return false };
        self.held = chosen.disable_statement_logging().connect().await.ok();
        self.held.is_some()
    }

    /// Leaves the connection: it owes an answer.
    pub(crate) fn forget(&mut self) {
        self.held = None;
    }
}

/// The login that a URL names, by the rules of the client library.
pub(crate) fn login_of(url: &SecretString) -> Result<String, StoreError> {
    let parsed: PgConnectOptions = url
        .expose_secret()
        .parse()
        .map_err(|_| unusable("the application role's URL is not a PostgreSQL URL"))?;
    Ok(parsed.get_username().to_owned())
}
