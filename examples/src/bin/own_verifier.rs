//! A `Verifier` of one's own: whoever has the shared secret of the company's gateway is its service user, who may read.
#![expect(clippy::print_stdout, reason = "a program tells its person where it listens")]

use std::sync::Arc;

use async_trait::async_trait;
use pm33_app::{bind_server, catalogue, serve};
use pm33_auth::{AuthError, Caller, Credential, Origin, Scope, Verifier};
use pm33_examples::{Trial, trial, until_input_ends};
use pm33_tenancy::{ActorKind, WorkspaceAccess};
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

/// Proves the gateway.
struct Gateway {
    secret: SecretString,
    caller: Caller,
}

#[async_trait]
impl Verifier for Gateway {
    async fn verify(&self, credential: &Credential, _origin: Origin<'_>) -> Result<Caller, AuthError> {
        let Credential::Token(token) = credential else { return Err(AuthError::Absent) };
        let (sent, known) = (token.expose_secret().as_bytes(), self.secret.expose_secret().as_bytes());
        // Every byte is compared, so that the time tells nothing of where they differ.
        let differing = sent.iter().zip(known).fold(0, |all, (one, other)| all | (one ^ other));
        if sent.len() == known.len() && differing == 0 {
            return Ok(self.caller.clone());
        }
        Err(AuthError::Refused { reason: "not the gateway" })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Trial { mut settings, foundation, local } = trial().await?;
    "127.0.0.1:0".clone_into(&mut settings.server.listen);
    // The tenant comes from what was proved and from nowhere else.
    let caller = Caller {
        tenant: local.tenant,
        user: local.user,
        key: None,
        kind: ActorKind::Key,
        scopes: [Scope::Enabled, Scope::BacklogRead].into_iter().collect(),
        workspaces: WorkspaceAccess::All,
        roles: Arc::new([]),
        expires: None,
        settings: Arc::new(settings.defaults()),
    };
    // A real gateway's secret comes from a file; this one is as long as it should be.
    let secret = SecretString::from("an example's secret, told to nobody but the gateway");
    println!("key: {}", secret.expose_secret());
    let gateway = Arc::new(Gateway { secret, caller });
    let server = serve(&settings, &foundation, gateway, catalogue()?)?;
    let bound = bind_server(&settings, server).await?;
    println!("listening on {}", bound.url);
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    let (served, ()) = tokio::join!(bound.run(&foundation, stop), async {
        until_input_ends().await;
        stopping.cancel();
    });
    Ok(served?)
}
