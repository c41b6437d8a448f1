//! What is there already of the items of a batch, and of those that they lead to.

use std::collections::HashMap;

use pm33_product::{Backlog, External, ProductError, WorkItem};
use pm33_tenancy::WorkspaceRef;

use crate::ImportedItem;

/// Ids that one query asks for at most.
pub(super) const IDS: usize = 250;

/// Items by external id.
#[derive(Debug)]
pub(super) struct Known {
    items: HashMap<External, WorkItem>,
}

impl Known {
    /// Looks up everything that a batch names.
    pub(super) async fn read<S: Backlog + ?Sized>(
        store: &S,
        at: WorkspaceRef,
        batch: &[ImportedItem],
    ) -> Result<Self, ProductError> {
        let mut ids: Vec<(&str, &str)> = Vec::with_capacity(batch.len() * 2);
        for imported in batch {
            let Some(external) = &imported.item.external else { continue };
            let needs = imported.blocked_by.iter().map(|need| &need.on);
            let named = imported.parent.iter().chain(needs).chain(&imported.related);
            let named = named.chain([external]);
            ids.extend(named.map(|one| (one.source.as_str(), one.id.as_str())));
        }
        ids.sort_unstable();
        ids.dedup();
        let mut items = HashMap::with_capacity(batch.len());
        for of_source in ids.chunk_by(|one, next| one.0 == next.0) {
            for chunk in of_source.chunks(IDS) {
                let asked: Vec<&str> = chunk.iter().map(|(_, id)| *id).collect();
                for item in store.find_externals(at, chunk[0].0, &asked).await? {
                    if let Some(external) = item.external.as_deref() {
                        items.insert(external.clone(), item);
                    }
                }
            }
        }
        Ok(Self { items })
    }

    /// The item with an external id.
    pub(super) fn get(&self, external: &External) -> Option<&WorkItem> {
        self.items.get(external)
    }
}
