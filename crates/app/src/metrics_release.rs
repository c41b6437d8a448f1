//! Usage metrics as they would be published: calls by tool and outcome of one whole day, over all organisations that have
//! not opted out.

use std::path::Path;

use pm33_tenancy::{Administration, Contribution, Kept, MetricRules, Processing, Timestamp, UserId, summed};

use crate::Foundation;

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What was released before, in the data folder; it holds keyed pseudonyms and is never published.
const FILE: &str = "metrics-releases.json";
/// Releases that are kept: a day that is older is not asked for again.
const DAYS: usize = 400;

fn read(folder: &Path) -> Result<Vec<Kept>, Fault> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

/// What a day's release holds, exactly as it would be published. Nothing is kept and nothing leaves.
///
/// # Errors
/// When the day is not over, or the store does not answer.
pub async fn preview_metrics(
    foundation: &Foundation,
    folder: &Path,
    day: jiff::civil::Date,
) -> Result<Kept, Fault> {
    let utc = jiff::tz::TimeZone::UTC;
    let midnight = |day: jiff::civil::Date| -> Result<Timestamp, Fault> {
        Ok(utc.to_timestamp(day.at(0, 0, 0, 0))?.into())
    };
    let (from, to) = (midnight(day)?, midnight(day.tomorrow()?)?);
    if to > foundation.clock.now() {
        return Err(format!("{day} is not over (UTC): only whole days are summed").into());
    }
    let tools = crate::catalogue()?;
    let operator = foundation.store.operator();
    let mut all = Vec::new();
    for tenant in operator.tenants().await? {
        let rules = operator.processing(tenant.id).await?;
        if !rules.counts_organisation() {
            continue;
        }
        let out: Vec<UserId> = rules.members.iter().map(|(user, _)| *user).collect();
        for (target, outcome, value) in foundation.store.calls_of(tenant.id, from, to, &out).await? {
            // Names of the program only.
            if tools.tool(&target).is_some() {
                all.push(Contribution {
                    from: foundation.store.pseudonym_of(tenant.id).to_string(),
                    cell: format!("{target} {outcome}"),
                    value,
                });
            }
        }
    }
    let earlier = read(folder)?;
    let day = day.to_string();
    let known = earlier.iter().find(|kept| kept.release.day == day);
    Ok(summed(MetricRules::PUBLISHED, &day, &all, known))
}

/// Notes a release, so that the same day is not told otherwise later.
///
/// # Errors
/// When the file cannot be written.
pub fn keep_release(folder: &Path, kept: &Kept) -> Result<(), Fault> {
    let mut all = read(folder)?;
    all.retain(|one| one.release.day != kept.release.day);
    all.push(kept.clone());
    all.sort_by(|one, other| one.release.day.cmp(&other.release.day));
    let surplus = all.len().saturating_sub(DAYS);
    all.drain(..surplus);
    let path = folder.join(FILE);
    let fresh = folder.join(format!(".{FILE}"));
    std::fs::write(&fresh, serde_json::to_vec(&all)?)?;
    std::fs::rename(fresh, path)?;
    Ok(())
}
