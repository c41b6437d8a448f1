//! What open items wait for outside themselves, as units that a forecast can put in order.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use pm33_product::{ItemId, Snapshot, TeamId, WorkItem};

use super::{NO_TEAM, containers};
use crate::forecast::{Need, UNITS_MAX, Unit};

/// What a set of open items waits for.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    /// Open items outside the set that somebody named as to be finished first.
    pub named: BTreeSet<ItemId>,
    /// Open items outside the set that must be finished first and hold no others: the work.
    pub work: BTreeSet<ItemId>,
    /// Open items that must be finished first and whose work nobody has written down: they hold no open items, but are meant
    /// to.
    pub unknown: BTreeSet<ItemId>,
    /// The work in its order, with the items of the set that wait for it.
    pub units: Vec<Unit>,
    /// Items of the work whose order among each other is not told, because it has too many steps.
    pub unordered: u32,
}

/// Something that must be finished first, and the working days from then on.
type Wanted = (ItemId, i32);

/// What a set of open items that hold no others waits for, directly or through others. An item waits for what the items that
/// hold it wait for. What holds an item of the set is never waited for.
pub fn waits(snapshot: &Snapshot, asked: &BTreeSet<ItemId>) -> Waits {
    let reading = Reading::new(snapshot, asked);
    let mut waits = Waits::default();
    let mut far: HashMap<ItemId, u32> = asked.iter().map(|id| (*id, 0)).collect();
    let mut open: VecDeque<ItemId> = asked.iter().copied().collect();
    let mut wanted: BTreeMap<ItemId, Vec<Wanted>> = BTreeMap::new();
    let mut below: BTreeMap<ItemId, Vec<ItemId>> = BTreeMap::new();
    while let Some(id) = open.pop_front() {
        let needs = reading.needs(id);
        for (on, _) in &needs {
            waits.named.extend((!asked.contains(on)).then_some(*on));
            let leaves = below.entry(*on).or_insert_with(|| reading.leaves(*on));
            if leaves.is_empty() {
                waits.unknown.extend(reading.is_unknown(*on).then_some(*on));
            }
            for leaf in leaves.iter().filter(|leaf| !far.contains_key(leaf)).copied().collect::<Vec<_>>() {
                far.insert(leaf, far.get(&id).map_or(1, |far| far + 1));
                waits.work.insert(leaf);
                open.push_back(leaf);
            }
        }
        if !needs.is_empty() {
            wanted.insert(id, needs);
        }
    }
    if !waits.work.is_empty() {
        keep_what_leads_out(&mut wanted, &below, asked);
        (waits.units, waits.unordered) = units(snapshot, asked, &waits.work, &wanted, &below, &far);
    }
    waits
}

/// Items of the set that wait for each other and for nothing else do so in the teams' past too: only what leads to work
/// outside the set is kept.
fn keep_what_leads_out(
    wanted: &mut BTreeMap<ItemId, Vec<Wanted>>,
    below: &BTreeMap<ItemId, Vec<ItemId>>,
    asked: &BTreeSet<ItemId>,
) {
    let mut leads: BTreeSet<ItemId> = BTreeSet::new();
    let mut blocked: BTreeSet<ItemId> = BTreeSet::new();
    loop {
        let before = (leads.len(), blocked.len());
        for (on, leaves) in below {
            if leaves.iter().any(|leaf| !asked.contains(leaf) || blocked.contains(leaf)) {
                leads.insert(*on);
            }
        }
        for (id, needs) in wanted.iter() {
            if needs.iter().any(|(on, _)| leads.contains(on)) {
                blocked.insert(*id);
            }
        }
        if before == (leads.len(), blocked.len()) {
            break;
        }
    }
    wanted.retain(|id, needs| {
        if asked.contains(id) {
            needs.retain(|(on, _)| leads.contains(on));
        }
        !needs.is_empty()
    });
}

/// What makes items one unit: set or not, team, what they wait for, what they are part of that is waited for.
type Sort = (bool, Option<TeamId>, Vec<Wanted>, Vec<ItemId>);

/// Groups the work and those that wait for it; the farthest of too many groups become one of each team.
fn units(
    snapshot: &Snapshot,
    asked: &BTreeSet<ItemId>,
    work: &BTreeSet<ItemId>,
    wanted: &BTreeMap<ItemId, Vec<Wanted>>,
    below: &BTreeMap<ItemId, Vec<ItemId>>,
    far: &HashMap<ItemId, u32>,
) -> (Vec<Unit>, u32) {
    let ons: BTreeSet<ItemId> = wanted.values().flatten().map(|(on, _)| *on).collect();
    let mut part_of: BTreeMap<ItemId, Vec<ItemId>> = BTreeMap::new();
    for (on, leaf) in
        ons.iter().flat_map(|on| below.get(on).into_iter().flatten().map(move |leaf| (on, leaf)))
    {
        part_of.entry(*leaf).or_default().push(*on);
    }
    let members: BTreeSet<ItemId> = work.iter().chain(wanted.keys()).chain(part_of.keys()).copied().collect();
    // The nearest first: what is farthest is what is thrown together.
    let mut sorts: BTreeMap<Sort, (u32, Vec<ItemId>)> = BTreeMap::new();
    for id in members {
        let Some(item) = snapshot.get(id) else { continue };
        let needs = wanted.get(&id).cloned().unwrap_or_default();
        let sort = (asked.contains(&id), item.team, needs, part_of.get(&id).cloned().unwrap_or_default());
        let (near, items) = sorts.entry(sort).or_insert((u32::MAX, Vec::new()));
        *near = (*near).min(far.get(&id).copied().unwrap_or(0));
        items.push(id);
    }
    let mut sorts: Vec<(Sort, (u32, Vec<ItemId>))> = sorts.into_iter().collect();
    sorts.sort_by_key(|(_, (near, _))| *near);
    let name = |team: Option<TeamId>| {
        team.and_then(|id| snapshot.team(id)).map_or_else(|| NO_TEAM.to_owned(), |team| team.name.to_string())
    };
    let mut list: Vec<(Unit, Vec<Wanted>)> = Vec::new();
    let mut rest: BTreeMap<(bool, Option<TeamId>), usize> = BTreeMap::new();
    let (mut place_of, mut unordered) = (HashMap::new(), 0_u32);
    for (index, ((is_asked, team, needs, _), (_, items))) in sorts.into_iter().enumerate() {
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let unit = Unit { team: name(team), items: 0, asked: is_asked, needs: Vec::new() };
        let place = if index < UNITS_MAX {
            list.push((unit, needs));
            list.len() - 1
        } else {
            unordered += if is_asked { 0 } else { count };
            *rest.entry((is_asked, team)).or_insert_with(|| {
                list.push((unit, Vec::new()));
                list.len() - 1
            })
        };
        list[place].0.items += count;
        place_of.extend(items.into_iter().map(|id| (id, place)));
    }
    let places = |on: &ItemId| -> BTreeSet<usize> {
        below.get(on).into_iter().flatten().filter_map(|leaf| place_of.get(leaf)).copied().collect()
    };
    let places: BTreeMap<ItemId, BTreeSet<usize>> = ons.iter().map(|on| (*on, places(on))).collect();
    let told = list.into_iter().enumerate().map(|(at, (mut unit, needs))| {
        let needs = needs.iter().flat_map(|(on, lag_days)| {
            let places = places.get(on).into_iter().flatten();
            places.filter(|place| **place != at).map(|place| Need { unit: *place, lag_days: *lag_days })
        });
        unit.needs = needs.collect::<BTreeSet<_>>().into_iter().collect();
        unit
    });
    (told.collect(), unordered)
}

/// A snapshot with what is asked of it again and again.
struct Reading<'a> {
    snapshot: &'a Snapshot,
    holds: BTreeSet<ItemId>,
    children: HashMap<ItemId, Vec<ItemId>>,
    /// What holds an item of the set.
    above: BTreeSet<ItemId>,
}

impl<'a> Reading<'a> {
    fn new(snapshot: &'a Snapshot, asked: &BTreeSet<ItemId>) -> Self {
        let mut children: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
        for item in snapshot.items() {
            if let Some(parent) = item.parent {
                children.entry(parent).or_default().push(item.id);
            }
        }
        let mut reading = Self { snapshot, holds: containers(snapshot), children, above: BTreeSet::new() };
        let above: BTreeSet<ItemId> = asked
            .iter()
            .flat_map(|id| reading.upwards(*id).into_iter().skip(1).map(|item| item.id))
            .collect();
        reading.above = above;
        reading
    }

    /// An item and what holds it, from the inside out.
    fn upwards(&self, id: ItemId) -> Vec<&'a WorkItem> {
        let mut found: Vec<&WorkItem> = Vec::new();
        let mut next = Some(id);
        while let Some(item) = next.and_then(|id| self.snapshot.get(id)) {
            if found.iter().any(|seen| seen.id == item.id) {
                break;
            }
            found.push(item);
            next = item.parent;
        }
        found
    }

    /// What must be finished before an item: what it depends on, and what those that hold it depend on.
    fn needs(&self, id: ItemId) -> Vec<Wanted> {
        let holders = self.upwards(id);
        let mut needs: Vec<Wanted> = holders
            .iter()
            .flat_map(|item| item.dependencies.iter())
            .filter(|need| self.is_open(need.on) && !self.above.contains(&need.on))
            .filter(|need| !holders.iter().any(|holder| holder.id == need.on))
            .map(|need| (need.on, need.lag_days))
            .collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    fn is_open(&self, id: ItemId) -> bool {
        self.snapshot.get(id).is_some_and(|item| item.status.is_open() && item.archived.is_none())
    }

    /// The open items that an item's finish takes: itself, or those below it that hold no others.
    fn leaves(&self, id: ItemId) -> Vec<ItemId> {
        let (mut found, mut open, mut seen) = (Vec::new(), vec![id], BTreeSet::from([id]));
        while let Some(id) = open.pop() {
            if !self.holds.contains(&id) {
                found.extend(self.is_open(id).then_some(id));
                continue;
            }
            open.extend(self.children.get(&id).into_iter().flatten().filter(|child| seen.insert(**child)));
        }
        found.sort_unstable();
        found
    }

    /// Whether an open item without open work has never had any.
    fn is_unknown(&self, id: ItemId) -> bool {
        self.holds.contains(&id) && !self.children.contains_key(&id)
    }
}
