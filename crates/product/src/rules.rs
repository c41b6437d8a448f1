//! Rules of single fields, with their bounds.

use crate::{NewItem, ProductError};

/// Longest title in characters.
pub const TITLE_MAX: usize = 500;
/// Longest description in characters.
pub const DESCRIPTION_MAX: usize = 65_536;
/// Most labels of an item.
pub const LABELS_MAX: usize = 100;

/// Checks a title.
///
/// # Errors
/// [`ProductError::Invalid`] when it is empty or too long.
pub fn check_title(title: &str) -> Result<(), ProductError> {
    let length = title.chars().count();
    if title.trim().is_empty() || length > TITLE_MAX {
        return Err(ProductError::invalid("title", format!("must be 1 to {TITLE_MAX} characters, not {length}")));
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
            format!("must be at most {DESCRIPTION_MAX} characters, not {length}; link to a document for the rest"),
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
    if item.points.is_some_and(|points| !(0.0..=1_000.0).contains(&points)) {
        return Err(ProductError::invalid("story_points", "must be 0 to 1,000"));
    }
    if item.estimate_days.is_some_and(|days| !(0.0..=10_000.0).contains(&days)) {
        return Err(ProductError::invalid("estimate_days", "must be 0 to 10,000 working days"));
    }
    if item.labels.len() > LABELS_MAX {
        return Err(ProductError::invalid("labels", format!("at most {LABELS_MAX}")));
    }
    Ok(())
}
