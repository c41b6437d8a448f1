//! The links of a file that would lead to nothing, found without writing: what a dry run tells.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use pm33_product::{Backlog, External, ProductError};
use pm33_tenancy::WorkspaceRef;

use super::{LISTED, Unresolved, known::IDS, links::NOWHERE};
use crate::ImportedItem;

/// A link to what no item before it was.
#[derive(Debug)]
struct Asked {
    record: usize,
    link: &'static str,
    target: External,
}

/// Links of items that are gone through and not kept.
#[derive(Debug, Default)]
pub struct Trial {
    /// The file's items: only numbers stand for their ids, so that a large file costs little.
    seen: HashSet<u64>,
    asked: Vec<Asked>,
}

fn print(external: &External) -> u64 {
    let mut hasher = DefaultHasher::new();
    external.hash(&mut hasher);
    hasher.finish()
}

impl Trial {
    /// Notes an item and its links.
    pub fn item(&mut self, imported: &ImportedItem) {
        self.seen.extend(imported.item.external.as_ref().map(print));
        let parent = imported.parent.iter().map(|target| ("parent", target));
        let needs = imported.blocked_by.iter().map(|need| ("dependency", &need.on));
        let related = imported.related.iter().map(|target| ("related item", target));
        for (link, target) in parent.chain(needs).chain(related) {
            if !self.seen.contains(&print(target)) {
                self.asked.push(Asked { record: imported.record, link, target: target.clone() });
            }
        }
    }

    /// How many links lead to no item of the file and none that is there, and the first of them.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn unresolved<S: Backlog + ?Sized>(
        self,
        store: &S,
        at: WorkspaceRef,
    ) -> Result<(usize, Vec<Unresolved>), ProductError> {
        let Self { seen, mut asked } = self;
        asked.retain(|one| !seen.contains(&print(&one.target)));
        let mut by_source: HashMap<&str, Vec<&str>> = HashMap::new();
        for Asked { target, .. } in &asked {
            by_source.entry(&target.source).or_default().push(&target.id);
        }
        let mut there: HashSet<External> = HashSet::new();
        for (source, mut ids) in by_source {
            ids.sort_unstable();
            ids.dedup();
            for chunk in ids.chunks(IDS) {
                let found = store.find_externals(at, source, chunk).await?;
                there.extend(found.iter().filter_map(|item| item.external.as_deref().cloned()));
            }
        }
        asked.retain(|one| !there.contains(&one.target));
        let count = asked.len();
        let told = asked.into_iter().take(LISTED).map(|Asked { record, link, target }| Unresolved {
            record,
            link,
            target: target.id,
            reason: NOWHERE.to_owned(),
        });
        Ok((count, told.collect()))
    }
}
