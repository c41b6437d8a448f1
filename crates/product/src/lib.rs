//! The product-management model: work items, state history, objectives, competitors, teams; the workspace snapshot and its queries; the ports.
