//! A forecast of one item in words, for documents.

use std::sync::Arc;

use pm33_planning::workspace::containers;
use pm33_product::{Snapshot, WorkItem};
use pm33_tenancy::Timestamp;

use super::{
    delivery_question::{Answered, Input, answer},
    forecast_delivery::summary,
    waits,
};
use crate::{ToolContext, ToolError};

/// When an item, or what it holds, will be finished, in sentences; and the time that this is true for.
pub(crate) async fn forecast_of(
    ctx: &ToolContext<'_>,
    snapshot: &Arc<Snapshot>,
    item: &WorkItem,
) -> Result<(String, Timestamp), ToolError> {
    let key = snapshot.key(item).to_string();
    let asked =
        if containers(snapshot).contains(&item.id) { Input::of_epic(key) } else { Input::of_item(key) };
    let Answered { said, waits_for, left_out, .. } = answer(ctx, Arc::clone(snapshot), asked).await?;
    let words = summary(&said, &left_out) + &waits::sentence(&waits_for, &said);
    Ok((words, said.as_of))
}
