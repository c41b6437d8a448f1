//! What a model is told of the tools is what was pinned.

#[path = "../../src/bin/docgen/pins.rs"]
mod made;

#[test]
fn no_description_and_no_schema_changed_without_its_pin() {
    let pinned = include_str!("../../../../docs/tool-hashes.txt");
    let catalogue = pm33_app::catalogue().unwrap();
    assert_eq!(made::pins(&catalogue), pinned, "run `cargo xtask codegen` and read what changed");
    assert_eq!(pinned.lines().count(), catalogue.tools().len());
}
