//! Teams and sprints by name: those that are there are used, others are made.

use pm33_product::{ProductError, Sprint, SprintId, Strategy, Team, TeamId};
use pm33_tenancy::{Timestamp, WorkspaceRef};

use super::Written;
use crate::ImportedSprint;

/// The teams and sprints of a workspace.
#[derive(Debug)]
pub(super) struct Lanes {
    at: WorkspaceRef,
    teams: Vec<Team>,
    sprints: Vec<Sprint>,
}

impl Lanes {
    pub(super) async fn read<S: Strategy + ?Sized>(
        store: &S,
        at: WorkspaceRef,
    ) -> Result<Self, ProductError> {
        Ok(Self { at, teams: store.teams(at).await?, sprints: store.sprints(at).await? })
    }

    /// The team of a name, in any case.
    pub(super) async fn team<S: Strategy + ?Sized>(
        &mut self,
        store: &S,
        name: &str,
        now: Timestamp,
        written: &mut Written,
    ) -> Result<TeamId, ProductError> {
        let folded = name.to_lowercase();
        if let Some(known) = self.teams.iter().find(|team| team.name.to_lowercase() == folded) {
            return Ok(known.id);
        }
        let team = Team {
            id: TeamId::new(now),
            name: name.into(),
            capacity_per_week: None,
            wip_limit: None,
            skills: Vec::new(),
            calendar: None,
        };
        store.put_team(self.at, &team).await?;
        written.teams += 1;
        let id = team.id;
        self.teams.push(team);
        Ok(id)
    }

    /// The sprint of a team by its name. A new one needs a team and both dates.
    pub(super) async fn sprint<S: Strategy + ?Sized>(
        &mut self,
        store: &S,
        team: Option<TeamId>,
        asked: &ImportedSprint,
        now: Timestamp,
        written: &mut Written,
    ) -> Result<Option<SprintId>, ProductError> {
        let Some(team) = team else { return Ok(None) };
        let folded = asked.name.to_lowercase();
        let known = self
            .sprints
            .iter_mut()
            .find(|sprint| sprint.team == team && sprint.name.to_lowercase() == folded);
        let dates = asked.start.zip(asked.end).filter(|(start, end)| start <= end);
        match (known, dates) {
            (Some(known), Some((start, end))) if (known.start, known.end) != (start, end) => {
                (known.start, known.end) = (start, end);
                store.put_sprint(self.at, known).await?;
                Ok(Some(known.id))
            }
            (Some(known), _) => Ok(Some(known.id)),
            (None, Some((start, end))) => {
                let name = asked.name.as_str().into();
                let sprint = Sprint { id: SprintId::new(now), team, name, start, end, committed: Vec::new() };
                store.put_sprint(self.at, &sprint).await?;
                written.sprints += 1;
                let id = sprint.id;
                self.sprints.push(sprint);
                Ok(Some(id))
            }
            (None, None) => Ok(None),
        }
    }
}
