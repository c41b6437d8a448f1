//! Applying a change to an item: pure, with the rules that follow from a change of status.

use std::sync::Arc;

use crate::{Author, ItemId, ItemPatch, NewItem, ProductError, StateChange, StatusCategory, WorkItem, rules};

/// What a patch did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// Names of the fields that changed, as callers know them.
    pub fields: Vec<&'static str>,
    /// The change of status, if there was one.
    pub state: Option<StateChange>,
}

impl NewItem {
    /// The item as it is first stored. Where the origin does not say when work began or ended, the status says it with
    /// the time of creation: one in the works begins, a finished one ends. When a finished one began stays unknown.
    pub fn into_item(self, number: u32, author: Author) -> (WorkItem, String) {
        let category = self.status.category();
        let created = self.created.unwrap_or(author.at);
        let imported = self.created.is_some() || self.external.is_some();
        let at_once = (!imported).then_some(author.at);
        let item = WorkItem {
            id: self.id,
            number,
            item_type: self.item_type,
            title: self.title.trim().into(),
            status: self.status,
            priority: self.priority,
            points: self.points,
            estimate_days: self.estimate_days,
            parent: self.parent,
            team: self.team,
            sprint: self.sprint,
            assignee: self.assignee.map(Into::into),
            labels: sorted(self.labels),
            skills: sorted(self.skills),
            objectives: self.objectives.into(),
            dependencies: self.dependencies.into(),
            related: Arc::default(),
            release: self.release,
            due: self.due,
            scoring: self.scoring.map(Arc::new),
            external: self.external.map(Arc::new),
            custom: (!self.custom.is_empty()).then(|| Arc::new(self.custom)),
            description_chars: u32::try_from(self.description.chars().count()).unwrap_or(u32::MAX),
            version: 1,
            created: if imported { self.created } else { Some(created) },
            started: self.started.or(if category == StatusCategory::Doing { at_once } else { None }),
            finished: self.finished.or(if category == StatusCategory::Finished { at_once } else { None }),
            updated: author.at,
            archived: None,
            author: author.user,
        };
        (item, self.description)
    }
}

impl ItemPatch {
    /// Checks the fields that can be checked without the workspace.
    ///
    /// # Errors
    /// [`ProductError::Invalid`] for the first broken rule.
    pub fn check(&self) -> Result<(), ProductError> {
        if let Some(title) = &self.title {
            rules::check_title(title)?;
        }
        if let Some(description) = &self.description {
            rules::check_description(description)?;
        }
        rules::check_numbers(self.points.flatten(), self.estimate_days.flatten())?;
        rules::check_lists(self.labels.as_deref(), self.skills.as_deref(), self.custom.as_ref())?;
        rules::check_assignee(self.assignee.as_ref().and_then(Option::as_deref))?;
        rules::check_objectives(self.objectives.as_deref().unwrap_or_default())?;
        rules::check_dependencies(self.dependencies.as_deref().unwrap_or_default())?;
        if let Some(Some(external)) = &self.external {
            rules::check_external(&external.source, &external.id)?;
        }
        if let Some(Some(scoring)) = &self.scoring {
            rules::check_scoring(scoring)?;
        }
        Ok(())
    }

    /// Applies the patch. Starting work sets `started` once, finishing sets `finished`, reopening clears it. An item
    /// that nobody was seen to start has no known start, whatever becomes of it: a start at its end would say that it
    /// took no time. The version rises only if something changed.
    pub fn apply(self, item: &mut WorkItem, author: Author) -> Applied {
        let mut applied = Applied::default();
        let fields = &mut applied.fields;
        set(fields, "type", &mut item.item_type, self.item_type);
        set(fields, "title", &mut item.title, self.title.map(|title| title.trim().into()));
        set(fields, "priority", &mut item.priority, self.priority);
        set(fields, "story_points", &mut item.points, self.points);
        set(fields, "estimate_days", &mut item.estimate_days, self.estimate_days);
        set(fields, "parent", &mut item.parent, self.parent);
        set(fields, "team", &mut item.team, self.team);
        set(fields, "sprint", &mut item.sprint, self.sprint);
        set(fields, "assignee", &mut item.assignee, self.assignee.map(|name| name.map(Into::into)));
        set(fields, "labels", &mut item.labels, self.labels.map(sorted));
        set(fields, "skills", &mut item.skills, self.skills.map(sorted));
        set(fields, "objectives", &mut item.objectives, self.objectives.map(Into::into));
        set(fields, "dependencies", &mut item.dependencies, self.dependencies.map(Into::into));
        set(fields, "related", &mut item.related, self.related.map(unique));
        set(fields, "release_date", &mut item.release, self.release);
        set(fields, "due_date", &mut item.due, self.due);
        set(fields, "scoring", &mut item.scoring, self.scoring.map(|scoring| scoring.map(Arc::new)));
        set(fields, "external", &mut item.external, self.external.map(|external| external.map(Arc::new)));
        if let Some(custom) = self.custom {
            let mut all = item.custom.as_deref().cloned().unwrap_or_default();
            all.extend(custom);
            let all = (!all.is_empty()).then(|| Arc::new(all));
            set(fields, "custom_fields", &mut item.custom, Some(all));
        }
        set(fields, "archived", &mut item.archived, self.archived);
        set(fields, "created", &mut item.created, self.created.map(Some));
        if let Some(status) = self.status.filter(|status| *status != item.status) {
            let (from, to) = (item.status.category(), status.category());
            applied.state =
                Some(StateChange { from: Some(item.status), to: status, at: author.at, by: author.user });
            item.status = status;
            fields.push("status");
            if from == StatusCategory::ToDo && to == StatusCategory::Doing && item.started.is_none() {
                item.started = Some(author.at);
            }
            if to == StatusCategory::Finished {
                item.finished = Some(author.at);
            } else if from == StatusCategory::Finished {
                item.finished = None;
            }
        }
        set(fields, "started", &mut item.started, self.started);
        set(fields, "finished", &mut item.finished, self.finished);
        if let Some(description) = &self.description {
            item.description_chars = u32::try_from(description.chars().count()).unwrap_or(u32::MAX);
        }
        applied
    }
}

fn set<T: PartialEq>(fields: &mut Vec<&'static str>, name: &'static str, slot: &mut T, value: Option<T>) {
    if let Some(value) = value
        && *slot != value
    {
        *slot = value;
        fields.push(name);
    }
}

fn unique(mut ids: Vec<ItemId>) -> Arc<[ItemId]> {
    ids.sort_unstable();
    ids.dedup();
    ids.into()
}

fn sorted(words: Vec<String>) -> Arc<[Arc<str>]> {
    let mut words: Vec<Arc<str>> =
        words.into_iter().map(|word| word.trim().into()).filter(|word: &Arc<str>| !word.is_empty()).collect();
    words.sort();
    words.dedup();
    words.into()
}
