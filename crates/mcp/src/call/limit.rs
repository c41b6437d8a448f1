//! Stage: the limit, key and tenant in one decision.

use std::time::Duration;

use pm33_admission::{Budget, LimitScope, Limits, Verdict};
use pm33_auth::Caller;
use pm33_protocol::methods;
use pm33_tenancy::LimitVerdict;

use crate::{failure::Failure, request::Request, server::Core, warden};

/// Refused calls that are audited per key and minute; further ones are only counted by the limiter.
const SAMPLED: u32 = 10;

/// Room for what is told of limits; most takes less.
const ROOM: usize = 64;

/// Admits a request, or says when a retry will pass. A legacy ping is free, and
/// leaves no audit row.
pub(crate) async fn limit(core: &Core, request: &mut Request) -> Result<(), Failure> {
    if request.method == methods::PING {
        return Ok(());
    }
    let settings = &request.caller.settings;
    let limits = Limits { key: settings.calls_per_minute_key, tenant: settings.calls_per_minute_tenant };
    match admit(core, &request.caller, Budget::Calls, limits).await? {
        Verdict::Admitted(standing) => {
            request.record.limit = LimitVerdict::Admitted;
            let standing = told([
                ("\"key\";r=", standing.key_left.into()),
                (";t=", seconds(standing.reset)),
                (", \"tenant\";r=", standing.tenant_left.into()),
            ]);
            request.rate_limit = Some((policy(limits), standing));
            Ok(())
        }
        Verdict::Denied { scope, limit, retry_after, refused } => {
            // At each multiple, so that a key which goes on after its suspension is suspended again.
            if settings.suspend_after > 0 && refused.is_multiple_of(settings.suspend_after) {
                Box::pin(warden::suspend(core, request)).await;
            }
            request.record.limit = match scope {
                LimitScope::Key => LimitVerdict::KeyExceeded,
                LimitScope::Tenant => LimitVerdict::TenantExceeded,
            };
            request.rate_limit =
                Some((policy(limits), format!("\"{}\";r=0;t={}", scope.as_str(), seconds(retry_after))));
            Err(Failure::Limited { budget: Budget::Calls, scope: scope.as_str(), limit, retry_after })
        }
    }
}

/// Decides on a budget: this server's own, and the one that it shares with others.
async fn admit(core: &Core, caller: &Caller, budget: Budget, limits: Limits) -> Result<Verdict, Failure> {
    let (own, shared) = match budget {
        Budget::Calls => (&core.limiter, core.shared_limits.as_ref().map(|shared| &shared.calls)),
        Budget::AiCalls => (&core.ai_limiter, core.shared_limits.as_ref().map(|shared| &shared.ai_calls)),
    };
    let (tenant, principal) = (caller.tenant, caller.principal());
    match shared {
        Some(shared) => {
            // Boxed: a server alone does not come by here.
            let verdict = Box::pin(shared.admit(own, tenant, &principal, limits, &*core.clock)).await;
            verdict.map_err(|error| Failure::Unavailable(error.to_string()))
        }
        None => Ok(own.admit(tenant, &principal, limits, core.clock.monotonic())),
    }
}

/// Admits a call of an AI tool, which has limits of its own beside those of every call.
pub(crate) async fn limit_ai(core: &Core, request: &mut Request) -> Result<(), Failure> {
    let settings = &request.caller.settings;
    let limits =
        Limits { key: settings.ai_calls_per_minute_key, tenant: settings.ai_calls_per_minute_tenant };
    match admit(core, &request.caller, Budget::AiCalls, limits).await? {
        Verdict::Admitted(_) => Ok(()),
        Verdict::Denied { scope, limit, retry_after, .. } => {
            request.record.limit = match scope {
                LimitScope::Key => LimitVerdict::KeyExceeded,
                LimitScope::Tenant => LimitVerdict::TenantExceeded,
            };
            Err(Failure::Limited { budget: Budget::AiCalls, scope: scope.as_str(), limit, retry_after })
        }
    }
}

/// `RateLimit-Policy` for limits.
fn policy(limits: Limits) -> String {
    told([("\"key\";q=", limits.key.into()), (";w=60, \"tenant\";q=", limits.tenant.into())]) + ";w=60"
}

/// Words, each with the number behind it; written for each call, so in one piece.
fn told<const N: usize>(parts: [(&str, u64); N]) -> String {
    let mut text = String::with_capacity(ROOM);
    for (word, number) in parts {
        text.push_str(word);
        text.push_str(itoa::Buffer::new().format(number));
    }
    text
}

/// Whole seconds, rounded up.
fn seconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
}

/// Whether a call that the limit refused gets an audit row of its own: the first ten of a minute do.
pub(crate) fn is_sampled(core: &Core, caller: &Caller) -> bool {
    sample(core, caller, "denied", SAMPLED)
}

/// Whether a request that was refused before the limit was asked gets an audit row: as many of a minute do as the key
/// has calls, so that nobody fills the log with what costs him nothing.
pub(crate) fn is_told(core: &Core, caller: &Caller) -> bool {
    sample(core, caller, "unasked", caller.settings.calls_per_minute_key)
}

fn sample(core: &Core, caller: &Caller, what: &str, most: u32) -> bool {
    let principal = format!("{what}/{}", caller.principal());
    let limits = Limits { key: most, tenant: u32::MAX };
    let tenant = pm33_tenancy::TenantId::from_uuid(sampling_tenant(caller));
    matches!(core.limiter.admit(tenant, &principal, limits, core.clock.monotonic()), Verdict::Admitted(_))
}

/// A name of its own for the sampler's windows, so that samples do not count as calls.
fn sampling_tenant(caller: &Caller) -> uuid::Uuid {
    uuid::Uuid::from_u128(!caller.tenant.uuid().as_u128())
}
