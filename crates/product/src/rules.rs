//! Rules of single fields, with their bounds.

use crate::{CustomFields, CustomValue, Dependency, External, NewItem, ObjectiveLink, ProductError, Scoring};

/// Longest title in characters.
pub const TITLE_MAX: usize = 500;
/// Longest description in characters.
pub const DESCRIPTION_MAX: usize = 65_536;
/// Most labels, or skills, of an item.
pub const LABELS_MAX: usize = 100;
/// Longest name of an assignee in characters.
const ASSIGNEE_MAX: usize = 200;
/// Most objectives that an item serves.
const OBJECTIVES_MAX: usize = 50;
/// Most items that one waits for.
const DEPENDENCIES_MAX: usize = 100;
/// Longest lag or lead in working days.
const LAG_MAX: i32 = 1_000;
/// Values of the WSJF inputs.
const FIBONACCI: [u8; 7] = [1, 2, 3, 5, 8, 13, 20];

/// Checks a title.
///
/// # Errors
/// [`ProductError::Invalid`] when it is empty or too long.
pub fn check_title(title: &str) -> Result<(), ProductError> {
    let length = title.chars().count();
    if title.trim().is_empty() || length > TITLE_MAX {
        return Err(ProductError::invalid(
            "title",
            format!("must be 1 to {TITLE_MAX} characters, not {length}"),
        ));
    }
    Ok(())
}

/// Checks a description.
///
/// # Errors
/// [`ProductError::Invalid`] when it is too long.
pub fn check_description(description: &str) -> Result<(), ProductError> {
    let length = description.chars().count();
    if length > DESCRIPTION_MAX {
        return Err(ProductError::invalid(
            "description",
            format!(
                "must be at most {DESCRIPTION_MAX} characters, not {length}; link to a document for the rest"
            ),
        ));
    }
    Ok(())
}

/// Checks every field of a new item that does not need the workspace to be checked.
///
/// # Errors
/// [`ProductError::Invalid`] for the first broken rule.
pub fn check_item(item: &NewItem) -> Result<(), ProductError> {
    check_title(&item.title)?;
    check_description(&item.description)?;
    check_numbers(item.points, item.estimate_days)?;
    check_lists(Some(&item.labels), Some(&item.skills), Some(&item.custom))?;
    check_assignee(item.assignee.as_deref())?;
    check_objectives(&item.objectives)?;
    check_dependencies(&item.dependencies)?;
    if let Some(scoring) = &item.scoring {
        check_scoring(scoring)?;
    }
    match &item.external {
        Some(External { source, id }) => check_external(source, id),
        None => Ok(()),
    }
}

pub(crate) fn check_numbers(points: Option<f64>, estimate_days: Option<f64>) -> Result<(), ProductError> {
    if points.is_some_and(|points| !(0.0..=1_000.0).contains(&points)) {
        return Err(ProductError::invalid("story_points", "must be 0 to 1,000"));
    }
    if estimate_days.is_some_and(|days| !(0.0..=10_000.0).contains(&days)) {
        return Err(ProductError::invalid("estimate_days", "must be 0 to 10,000 working days"));
    }
    Ok(())
}

pub(crate) fn check_lists(
    labels: Option<&[String]>,
    skills: Option<&[String]>,
    custom: Option<&CustomFields>,
) -> Result<(), ProductError> {
    for (field, list) in [("labels", labels), ("skills", skills)] {
        let list = list.unwrap_or_default();
        if list.len() > LABELS_MAX
            || list.iter().any(|word| word.trim().is_empty() || word.chars().count() > 100)
        {
            return Err(ProductError::invalid(
                field,
                format!("at most {LABELS_MAX}, each 1 to 100 characters"),
            ));
        }
    }
    let Some(custom) = custom else { return Ok(()) };
    let fits = |name: &String, value: &CustomValue| {
        let length = match value {
            CustomValue::Number(number) => usize::from(!number.is_finite()) * usize::MAX,
            CustomValue::Text(text) => text.chars().count(),
            CustomValue::List(list) => list.iter().map(|text| text.chars().count()).sum(),
        };
        (1..=100).contains(&name.chars().count()) && length <= 10_000
    };
    if custom.len() > 100 || !custom.iter().all(|(name, value)| fits(name, value)) {
        return Err(ProductError::invalid(
            "custom_fields",
            "at most 100, each with a name of 1 to 100 characters and at most 10,000 characters",
        ));
    }
    Ok(())
}

pub(crate) fn check_assignee(name: Option<&str>) -> Result<(), ProductError> {
    if name.is_some_and(|name| name.trim().is_empty() || name.chars().count() > ASSIGNEE_MAX) {
        return Err(ProductError::invalid("assignee", format!("must be 1 to {ASSIGNEE_MAX} characters")));
    }
    Ok(())
}

pub(crate) fn check_objectives(links: &[ObjectiveLink]) -> Result<(), ProductError> {
    let is_twice = |place: usize| links[..place].iter().any(|one| one.objective == links[place].objective);
    if links.len() > OBJECTIVES_MAX || (0..links.len()).any(is_twice) {
        let rule = format!("at most {OBJECTIVES_MAX}, each objective once");
        return Err(ProductError::invalid("objectives", rule));
    }
    if links.iter().any(|link| !(0.0..=1.0).contains(&link.weight)) {
        return Err(ProductError::invalid("objectives", "weight must be 0 to 1"));
    }
    Ok(())
}

pub(crate) fn check_dependencies(needs: &[Dependency]) -> Result<(), ProductError> {
    let is_twice = |place: usize| needs[..place].iter().any(|one| one.on == needs[place].on);
    if needs.len() > DEPENDENCIES_MAX || (0..needs.len()).any(is_twice) {
        let rule = format!("at most {DEPENDENCIES_MAX}, each item once");
        return Err(ProductError::invalid("dependencies", rule));
    }
    if needs.iter().any(|need| !(-LAG_MAX..=LAG_MAX).contains(&need.lag_days)) {
        let rule = format!("lag_days must be -{LAG_MAX} to {LAG_MAX}");
        return Err(ProductError::invalid("dependencies", rule));
    }
    Ok(())
}

pub(crate) fn check_external(source: &str, id: &str) -> Result<(), ProductError> {
    if !(1..=50).contains(&source.chars().count()) || !(1..=500).contains(&id.chars().count()) {
        return Err(ProductError::invalid("external", "source must be 1 to 50 and id 1 to 500 characters"));
    }
    Ok(())
}

/// Refuses scoring inputs out of their bounds.
///
/// # Errors
/// [`ProductError::Invalid`] for the first of them.
pub fn check_scoring(scoring: &Scoring) -> Result<(), ProductError> {
    let steps = [
        ("scoring.business_value", scoring.business_value),
        ("scoring.time_criticality", scoring.time_criticality),
        ("scoring.risk_reduction", scoring.risk_reduction),
        ("scoring.job_size", scoring.job_size),
    ];
    for (field, value) in steps {
        if value.is_some_and(|value| !FIBONACCI.contains(&value)) {
            return Err(ProductError::invalid(field, "must be 1, 2, 3, 5, 8, 13 or 20"));
        }
    }
    let ranges = [
        ("scoring.reach", scoring.reach, 0.0, 1e12, "must be 0 or more"),
        ("scoring.confidence", scoring.confidence, 0.0, 1.0, "must be 0 to 1"),
        ("scoring.effort", scoring.effort, 1e-6, 1e6, "must be above 0, in person-months"),
        ("scoring.ease", scoring.ease, 1.0, 10.0, "must be 1 to 10"),
        ("scoring.risk_likelihood", scoring.risk_likelihood, 0.0, 1.0, "must be 0 to 1"),
        ("scoring.blast_radius", scoring.blast_radius, 1.0, 10.0, "must be 1 to 10"),
        ("scoring.risk_growth", scoring.risk_growth, 1.0, 3.0, "must be 1 to 3"),
        ("scoring.detectability", scoring.detectability, 1.0, 10.0, "must be 1 to 10"),
    ];
    for (field, value, least, most, rule) in ranges {
        if value.is_some_and(|value| !(least..=most).contains(&value)) {
            return Err(ProductError::invalid(field, rule));
        }
    }
    if scoring.impact.is_some_and(|impact| ![0.25, 0.5, 1.0, 2.0, 3.0].contains(&impact)) {
        return Err(ProductError::invalid("scoring.impact", "must be 0.25, 0.5, 1, 2 or 3"));
    }
    Ok(())
}
